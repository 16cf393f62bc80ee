// The contract as specmatic can generate requests from it: what no random text can be (a cursor, a revision that was answered before) is left out,
// limits that stand in words are given as numbers, and open ends are closed, which it miscounts.
// Where JSON or CSV is answered by Accept, which it does not send, JSON stands, without the `bom` that is read for CSV only.
// node specmatic.mjs CONTRACT RESULT
import { readFileSync, writeFileSync } from 'node:fs';

const left = new Set(['minRevision', 'cursor', 'bom']);
const limits = { limit: { minimum: 1, maximum: 200 }, confidence: { minimum: 0.6, maximum: 0.99 } };

const walk = node => {
  if (Array.isArray(node)) return node.filter(n => !(n?.in === 'query' && left.has(n.name))).map(walk);
  if (!node || typeof node !== 'object') return node;
  const { exclusiveMinimum: above, exclusiveMaximum: below, security, ...rest } = node;
  const result = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, walk(value)]));
  if (result.content?.['application/json']) delete result.content['text/csv'];
  if (typeof above === 'number') result.minimum = above + 0.001;
  if (typeof below === 'number') result.maximum = below - 0.001;
  if (node.in === 'query' && limits[node.name]) result.schema = { ...result.schema, ...limits[node.name] };
  return result;
};

const [contract, result] = process.argv.slice(2);
writeFileSync(result, JSON.stringify(walk(JSON.parse(readFileSync(contract, 'utf8')))));
