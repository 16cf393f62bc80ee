// NSwag knows OpenAPI 3.0. This says in its words what the contract says in those of 3.1, and nothing else:
// a value or an array of values is the array, which the service takes as well; a number or a text is any value.
// node simplify.mjs CONTRACT RESULT
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const simplified = schema => {
  const [one, many, ...more] = schema.oneOf ?? [];
  if (more.length > 0 || !many) return schema;
  const { oneOf, ...rest } = schema;
  if (many.type === 'array' && JSON.stringify(many.items) === JSON.stringify(one)) return { ...rest, ...many };
  if (one.type === 'number' && many.type === 'string') return rest;
  return schema;
};

const walk = node => Array.isArray(node) ? node.map(walk)
  : node && typeof node === 'object' ? simplified(Object.fromEntries(Object.entries(node).map(([name, value]) => [name, walk(value)])))
  : node;

const [contract, result] = process.argv.slice(2);
mkdirSync(dirname(result), { recursive: true });
writeFileSync(result, JSON.stringify(walk(JSON.parse(readFileSync(contract, 'utf8'))), null, 2));
