// That the check of compatibility sees each kind of break, and nothing where there is none.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { breaks } from './compatible.mjs';

const contract = JSON.parse(readFileSync(new URL('../openapi/openapi.json', import.meta.url), 'utf8'));
const changed = change => {
  const copy = structuredClone(contract);
  change(copy, copy.components.schemas);
  return copy;
};
// With its own copy of those that operations share, which may be changed.
const parameters = document => {
  const operation = document.paths['/meta/pool'].get;
  return operation.parameters = operation.parameters.map(p => p.$ref ? structuredClone(document.components.parameters[p.$ref.split('/').at(-1)]) : p);
};
const nullable = schema => { schema.type = ['null', schema.type]; };

const breaking = {
  'an operation is gone': d => { delete d.paths['/meta/pool'].get; },
  'an operation has another name': d => { d.paths['/meta/pool'].get.operationId = 'other'; },
  'a parameter is gone': d => { parameters(d).pop(); },
  'a parameter is needed': d => { parameters(d)[0].required = true; },
  'a new parameter is needed': d => { parameters(d).push({ name: 'new', in: 'query', required: true, schema: { type: 'string' } }); },
  'a parameter that operations share is needed': d => { d.components.parameters.confidence.required = true; },
  'an answer that operations share has another type': d => { d.components.responses.BadRequest.content['application/problem+json'].schema = { type: 'string' }; },
  'a parameter has another type': d => { parameters(d).find(p => p.name === 'confidence').schema.type = 'string'; },
  'a value is not taken any more': (_, s) => { s.StudyKind.enum.pop(); },
  'a member of a body is gone': (_, s) => { delete s.StudyRequest.properties.country; },
  'a member of a body is needed': (_, s) => { s.StudyRequest.required.push('country'); },
  'a limit is narrower': (_, s) => { s.Statistic.properties.n.maximum = 100; },
  'a limit is new': (_, s) => { s.Statistic.properties.value.minimum = 0; },
  'null is not taken any more': (_, s) => { s.Statistic.properties.value.type = 'number'; },
  'a media type of a body is gone': d => { delete d.paths['/sessions'].post.requestBody.content['application/x-ndjson']; },
  'an answer is gone': d => { delete d.paths['/studies'].post.responses['201']; },
  'a media type of an answer is gone': d => { delete d.paths['/meta/pool'].get.responses['200'].content['text/csv']; },
  'a member of an answer is gone': (_, s) => { delete s.CountsResponse.properties.effects; },
  'a member of an answer can be absent': (_, s) => { s.CountsResponse.required.shift(); },
  'a member of an answer can be null': (_, s) => { nullable(s.CountsResponse.properties.effects); },
  'a member of an answer has another type': (_, s) => { s.CountsResponse.properties.effects.type = 'string'; },
  'an answer has another value': (_, s) => { s.StudyStatus.enum.push('other'); },
};

for (const [name, change] of Object.entries(breaking)) {
  test(`breaks: ${name}`, () => assert.notDeepEqual(breaks(contract, changed(change)), []));
}

const compatible = {
  nothing: () => {},
  'a new operation': d => { d.paths['/new'] = { get: { responses: {} } }; },
  'a new parameter that may be left out': d => { parameters(d).push({ name: 'new', in: 'query', schema: { type: 'string' } }); },
  'a new member of a body that may be left out': (_, s) => { s.StudyRequest.properties.new = { type: 'string' }; },
  'a new member of an answer': (_, s) => { s.CountsResponse.properties.new = { type: 'string' }; },
  'a wider limit': (_, s) => { s.Statistic.properties.n.maximum *= 10; },
  'a limit less': (_, s) => { delete s.Statistic.properties.n.maximum; },
  'other words': d => { d.paths['/meta/pool'].get.summary = 'Other words'; },
};

for (const [name, change] of Object.entries(compatible)) {
  test(`breaks nothing: ${name}`, () => assert.deepEqual(breaks(contract, changed(change)), []));
}
