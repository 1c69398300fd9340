// Makes JavaScript and declarations of a plugin's TypeScript and reports the files. Types are somebody else's business.

import { createRequire } from 'node:module';
import { Channel } from './channel.mjs';

const ts = createRequire('/node_modules/')('typescript');

const channel = new Channel();
const options = {
  ...ts.convertCompilerOptionsFromJson(channel.request.options, '/plugin').options,
  noCheck: true,
  noEmit: false,
  declaration: true,
  rootDir: '/plugin/src',
  outDir: '/dist',
};
const program = ts.createProgram([`/plugin/src/index.ts`], options);
const emitted = program.emit(undefined, (name, text) => {
  channel.say('file', { name: name.slice(1), text });
});
for (const found of [...program.getSyntacticDiagnostics(), ...emitted.diagnostics]) {
  const place = found.file && found.file.getLineAndCharacterOfPosition(found.start ?? 0);
  channel.say('diagnostic', {
    file: found.file?.fileName ?? '',
    line: place ? place.line + 1 : 0,
    code: found.code,
    message: ts.flattenDiagnosticMessageText(found.messageText, '\n'),
  });
}
channel.say('finished');
