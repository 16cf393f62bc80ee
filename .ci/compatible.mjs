// Whether a client of the earlier contract still understands the later one; every break is a line, and makes the exit code 1.
// node compatible.mjs EARLIER LATER
// Taken away or narrowed breaks: an operation, a parameter, a media type or status of an answer, a member of an answer, a value that may be sent,
// a type. So does what is newly asked for: a required parameter, body or member; and what an answer could not be before: null, another value, another type.
import { readFileSync } from 'node:fs';

const methods = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
const list = value => value === undefined ? [] : Array.isArray(value) ? value : [value];

export const breaks = (earlier, later) => {
  const found = new Set();
  const say = (where, what) => found.add(`${where}: ${what}`);
  // Of a schema, a parameter or a response.
  const resolve = (document, schema) => schema?.$ref ? resolve(document, schema.$ref.slice(2).split('/').reduce((node, name) => node?.[name], document)) : schema ?? {};
  const seen = new Set();

  // A schema as far as it is compared: its types, null told apart, and the alternatives of oneOf and anyOf.
  const shape = (document, schema) => {
    const own = resolve(document, schema);
    const alternatives = [...list(own.oneOf), ...list(own.anyOf)].map(a => resolve(document, a));
    const rest = alternatives.filter(a => a.type !== 'null');
    const only = rest.length === 1 ? shape(document, rest[0]) : null;
    const types = only ? only.types : rest.length > 0 ? [...new Set(rest.flatMap(a => shape(document, a).types))] : list(own.type).filter(t => t !== 'null');
    return {
      types, nullable: list(own.type).includes('null') || alternatives.some(a => a.type === 'null') || only?.nullable === true,
      schema: only ? only.schema : own, values: (only ? only.schema : own).enum,
    };
  };

  const compare = (before, after, sent, where) => {
    const key = `${JSON.stringify(before)} ${JSON.stringify(after)} ${sent}`;
    if (before?.$ref && seen.has(key)) return;
    seen.add(key);
    const [was, is] = [shape(earlier, before), shape(later, after)];
    // What is sent may become more, what is answered may become less.
    const [narrow, wide] = sent ? [is, was] : [was, is];
    const accepts = (types, type) => types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'));
    if (narrow.types.length > 0 && (wide.types.length === 0 || wide.types.some(t => !accepts(narrow.types, t)))) say(where, `was ${was.types.join('|') || 'anything'}, is ${is.types.join('|') || 'anything'}`);
    if (wide.nullable && !narrow.nullable && narrow.types.length > 0) say(where, sent ? 'null is not taken any more' : 'can be null now');
    if (narrow.values) {
      const more = wide.values?.filter(v => !narrow.values.includes(v)) ?? ['any value'];
      if (more.length > 0) say(where, `${sent ? 'does not take' : 'can now be'} ${more.join(', ')}${sent ? ' any more' : ''}`);
    }
    if (sent) {
      for (const [name, tighter] of [['maximum', (a, b) => b < a], ['exclusiveMaximum', (a, b) => b < a], ['maxLength', (a, b) => b < a], ['maxItems', (a, b) => b < a],
        ['minimum', (a, b) => b > a], ['exclusiveMinimum', (a, b) => b > a], ['minLength', (a, b) => b > a], ['minItems', (a, b) => b > a]]) {
        const [a, b] = [was.schema[name], is.schema[name]];
        if (b !== undefined && (a === undefined || tighter(a, b))) say(where, `${name} was ${a ?? 'not set'}, is ${b}`);
      }
      if (is.schema.pattern && is.schema.pattern !== was.schema.pattern) say(where, `pattern was ${was.schema.pattern ?? 'not set'}, is ${is.schema.pattern}`);
    }
    const [had, has] = [was.schema.properties ?? {}, is.schema.properties ?? {}];
    for (const [name, property] of Object.entries(had)) {
      if (has[name]) compare(property, has[name], sent, `${where}.${name}`);
      else if (!sent || is.schema.additionalProperties === false) say(`${where}.${name}`, 'is gone');
    }
    const [asked, asks] = [was.schema.required ?? [], is.schema.required ?? []];
    for (const name of sent ? asks.filter(n => !asked.includes(n)) : asked.filter(n => !asks.includes(n) && has[n])) say(`${where}.${name}`, sent ? 'is needed now' : 'can be absent now');
    if (was.schema.items && is.schema.items) compare(was.schema.items, is.schema.items, sent, `${where}[]`);
    const values = s => typeof s.additionalProperties === 'object' ? s.additionalProperties : null;
    if (values(was.schema) && values(is.schema)) compare(values(was.schema), values(is.schema), sent, `${where}{}`);
  };

  const contents = (before, after, sent, where) => {
    for (const [type, media] of Object.entries(before?.content ?? {})) {
      const now = after?.content?.[type];
      if (now) compare(media.schema, now.schema, sent, where);
      else say(where, `${type} is gone`);
    }
  };

  for (const [path, operations] of Object.entries(earlier.paths)) {
    for (const method of methods.filter(m => operations[m])) {
      const [was, is, where] = [operations[method], later.paths[path]?.[method], `${method.toUpperCase()} ${path}`];
      if (!is) {
        say(where, 'is gone');
        continue;
      }
      if (was.operationId !== is.operationId) say(where, `operationId was ${was.operationId}, is ${is.operationId}`);
      const [had, has] = [list(was.parameters).map(p => resolve(earlier, p)), list(is.parameters).map(p => resolve(later, p))];
      const parameter = (all, p) => all.find(q => q.in === p.in && q.name === p.name);
      for (const p of had) {
        const now = parameter(has, p);
        if (!now) say(`${where} ?${p.name}`, 'is gone');
        else {
          if (now.required && !p.required) say(`${where} ?${p.name}`, 'is needed now');
          compare(p.schema, now.schema, true, `${where} ?${p.name}`);
        }
      }
      for (const p of has.filter(p => p.required && !parameter(had, p))) say(`${where} ?${p.name}`, 'is needed now');
      if (is.requestBody?.required && !was.requestBody?.required) say(where, 'a body is needed now');
      contents(was.requestBody, is.requestBody, true, `${where} body`);
      for (const [status, response] of Object.entries(was.responses)) {
        if (is.responses[status]) contents(resolve(earlier, response), resolve(later, is.responses[status]), false, `${where} ${status}`);
        else if (status.startsWith('2')) say(`${where} ${status}`, 'is gone');
      }
    }
  }
  return [...found];
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const [earlier, later] = process.argv.slice(2).map(file => JSON.parse(readFileSync(file, 'utf8')));
  const found = breaks(earlier, later);
  found.forEach(line => console.log(line));
  console.log(`${Object.keys(earlier.paths).length} paths compared, ${found.length} breaks.`);
  process.exit(found.length > 0 ? 1 : 0);
}
