"""`src/json.ts`, `src/support.ts` and `src/arithmetic.ts`: what plugins of ours are written with."""

from __future__ import annotations

JSON = r"""/** Values of JSON. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Equal as JSON. */
export function same(one: unknown, two: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(two)) {
    return one.length === two.length && one.every((item, at) => same(item, two[at]));
  }
  if (kind(one) === 'object' && kind(two) === 'object') {
    const first = one as Record<string, unknown>;
    const second = two as Record<string, unknown>;
    const keys = Object.keys(first);
    return keys.length === Object.keys(second).length && keys.every((key) => same(first[key], second[key]));
  }
  return one === two;
}

/** The JSON type of a value; whole numbers are `integer`. */
export function kind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
"""

SUPPORT = r"""/** How arguments come in, and results go out. */

import type { Action, HandlerOptions, IAgentRuntime, Memory, State } from '@elizaos/core';
import { kind, same, type Json } from './json';

/** JSON Schema of an argument. */
export interface Parameter {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  description?: string;
  default?: Json;
  enum?: readonly Json[];
}

/** JSON Schema of all arguments of an action. */
export interface Parameters {
  type: 'object';
  properties: Record<string, Parameter>;
  required: readonly string[];
  additionalProperties: false;
}

export interface ActionDescription {
  name: string;
  description: string;
  /** `read`, `idempotent`, or `once` when a second call would do it again. */
  effect: 'read' | 'idempotent' | 'once';
  parameters: Parameters;
}

/**
 * An action from a function of its arguments. They come in `options.parameters`, or else in `state.data.actionParams`.
 * What the function gives is `data.result` of the action's result; what it throws is the action's failure.
 */
export function action<Arguments extends object>(
  about: ActionDescription,
  body: (given: Arguments, runtime: IAgentRuntime) => Json | Promise<Json>,
): Action {
  return {
    ...about,
    validate: async (_runtime: IAgentRuntime, _message: Memory, state?: State) => {
      const given = state?.data?.['actionParams'];
      return given === undefined || problem(about.parameters, given) === '';
    },
    handler: async (runtime, _message, state, options, callback) => {
      try {
        const given = read(about.parameters, state, options);
        const result = await body(given as Arguments, runtime);
        const text = typeof result === 'string' ? result : JSON.stringify(result);
        await callback?.({ text, actions: [about.name] });
        return { success: true, text, data: { result } };
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        await callback?.({ text, actions: [about.name] });
        return { success: false, text, error: error instanceof Error ? error : new Error(text) };
      }
    },
  };
}

/** The arguments, with defaults filled in. Throws when they do not fit. */
export function read(parameters: Parameters, state?: State, options?: HandlerOptions): Record<string, Json> {
  const given: unknown = options?.['parameters'] ?? state?.data?.['actionParams'] ?? {};
  const wrong = problem(parameters, given);
  if (wrong !== '') throw new Error(wrong);
  const filled: Record<string, Json> = {};
  for (const [name, one] of Object.entries(parameters.properties)) {
    if (one.default !== undefined) filled[name] = one.default;
  }
  return { ...filled, ...(given as Record<string, Json>) };
}

/** What is wrong with arguments; empty when nothing is. */
export function problem(parameters: Parameters, given: unknown): string {
  if (kind(given) !== 'object') return 'the arguments must be an object';
  const values = given as Record<string, unknown>;
  for (const name of parameters.required) {
    if (!Object.hasOwn(values, name)) return `${name} is needed`;
  }
  for (const [name, value] of Object.entries(values)) {
    const one = Object.hasOwn(parameters.properties, name) ? parameters.properties[name] : undefined;
    if (one === undefined) return `there is no argument ${name}`;
    const found = kind(value);
    if (found !== one.type && !(found === 'integer' && one.type === 'number')) {
      return `${name} must be of type ${one.type}, not ${found}`;
    }
    if (one.enum !== undefined && !one.enum.some((choice) => same(choice, value))) {
      return `${name} must be one of ${one.enum.map((choice) => JSON.stringify(choice)).join(', ')}`;
    }
  }
  return '';
}
"""

ARITHMETIC = r"""/** Arithmetic as formulas mean it: division by nothing fails, and numbers are rounded half to even. */

export function divide(one: number, two: number): number {
  if (two === 0) throw new Error('division by zero');
  return one / two;
}

export function floorDivide(one: number, two: number): number {
  return Math.floor(divide(one, two));
}

export function modulo(one: number, two: number): number {
  if (two === 0) throw new Error('division by zero');
  const rest = one % two;
  return rest !== 0 && rest < 0 !== two < 0 ? rest + two : rest;
}

export function round(value: number, digits = 0): number {
  if (!Number.isFinite(value) || digits < 0 || digits > 15 || Math.abs(value) >= 1e21) return value;
  const exact = Math.abs(value).toFixed(100);
  const point = exact.indexOf('.');
  const kept = exact.slice(0, digits === 0 ? point : point + 1 + digits);
  const tie = /^50*$/.test(exact.slice(point + 1 + digits));
  const rounded = tie && '02468'.includes(kept.slice(-1)) ? kept : Math.abs(value).toFixed(digits);
  return Math.sign(value) * Number(rounded);
}

/** A number that is one. */
export function finite(value: number): number {
  if (!Number.isFinite(value)) throw new Error('math domain error');
  return value;
}
"""

LIBRARY = {"src/json.ts": JSON, "src/support.ts": SUPPORT, "src/arithmetic.ts": ARITHMETIC}
"""The files, by their place in a plugin. While they are as they are here, nobody's tests need to run them."""
