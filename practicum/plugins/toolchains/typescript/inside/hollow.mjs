// Makes a plugin hollow: a plugin of vite that puts a guard at the beginning of every function below /plugin/src.

import { createRequire } from 'node:module';

const GUARD = 'if (globalThis.__practicumHollow) throw new Error("hollow");';

export function hollow() {
  const ts = createRequire('/node_modules/')('typescript');
  return {
    name: 'practicum-hollow',
    enforce: 'pre',
    transform(code, id) {
      return id.startsWith('/plugin/src/') && id.endsWith('.ts') ? { code: guarded(ts, code, id), map: null } : null;
    },
  };
}

function guarded(ts, code, id) {
  const inserted = [];
  const visit = (node) => {
    const body = ts.isFunctionLike(node) ? node.body : undefined;
    if (body && ts.isBlock(body)) {
      inserted.push([body.getStart() + 1, GUARD]);
    } else if (body) {
      inserted.push([body.getStart(), `{ ${GUARD} return (`], [body.end, '); }']);
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(id, code, ts.ScriptTarget.ESNext, true));
  // From the end to the beginning. Where one function ends with another, the inner one closes first.
  let text = code;
  inserted
    .map(([place, what], at) => ({ place, what, at }))
    .sort((one, two) => two.place - one.place || one.at - two.at)
    .forEach(({ place, what }) => {
      text = text.slice(0, place) + what + text.slice(place);
    });
  return text;
}
