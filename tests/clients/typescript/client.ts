// A client whose every path, parameter, body and answer is checked by the compiler against the contract.
// npm run generate && npm run build && node generated/client.js http://localhost:8080
import assert from 'node:assert/strict';
import createClient from 'openapi-fetch';
import type { components, paths } from './generated/schema.js';

type Study = components['schemas']['StudyRequest'];
type Session = components['schemas']['SessionRequest'];

const baseUrl = process.argv[2];
assert(baseUrl, 'usage: node generated/client.js BASE_URL');
const key = process.env['REALRELATIONSHIP_KEY'];
const client = createClient<paths, 'application/json' | 'application/problem+json'>({ baseUrl, headers: key ? { 'X-API-Key': key } : {} });

const run = `typescript-${Date.now().toString(36)}`;

const study = (value: number): Study => ({
  key: run,
  kind: 'primary',
  synthetic: true,
  citation: { authors: 'Client in TypeScript', year: 2026, title: 'An invented study' },
  effects: [{
    key: 'e1', sample: run, statistic: { type: 'r', value, n: 90 },
    outcomeType: 'sessionOutcome', relationshipRater: 'client', outcomeRater: 'therapist',
    relationshipMeasure: 'rri-c', outcomeMeasure: 'seq', outcomeDirection: 'higherIsBetter', level: 'betweenClient',
  }],
});

const session: Session = {
  sourceSystem: run, patient: 'p-1', therapist: 't-1', session: 's-1', sessionNumber: 1, occurredAt: '2026-03-01T10:00:00+01:00',
  measures: [{ sourceId: 'm-1', version: 1, status: 'final', instrument: 'ors', rater: 'client', items: [7.1, 6.0, 8.2, 7.7] }],
};

// A study: sent, replaced on what was read, stale, taken back.
const sent = await client.POST('/studies', { params: { header: { 'Idempotency-Key': run } }, body: study(0.4) });
assert.equal(sent.response.status, 201);
const path = { key: run };
const ifMatch = (await client.GET('/studies/{key}', { params: { path } })).response.headers.get('ETag');
assert(ifMatch);
const replaced = await client.PUT('/studies/{key}', { params: { path, header: { 'If-Match': ifMatch } }, body: study(0.45) });
assert.equal(replaced.data?.version, 2);
const stale = await client.PUT('/studies/{key}', { params: { path, header: { 'If-Match': ifMatch } }, body: study(0.5) });
assert.equal(stale.response.status, 412);
assert.equal(stale.error?.status, 412);

// What it depends on: a number that cannot be estimated is null, and the compiler insists on the question.
const breakdown = await client.GET('/meta/moderators', { params: { query: { by: ['outcomeType'], outcomeRater: ['client', 'therapist'] } } });
assert(breakdown.data);
for (const { name, levels, verdict } of breakdown.data.moderators) {
  for (const { level, correlation } of levels ?? []) {
    console.log(`${name} ${level}: r = ${correlation?.r?.toFixed(3) ?? 'not estimable'}`);
  }
  assert(['differ', 'equivalent', 'cannotTell'].includes(verdict));
}
assert.equal((await client.DELETE('/studies/{key}', { params: { path, header: { 'If-Match': '*' } } })).response.status, 204);

// Effects of one's own; nothing is stored.
const pool = await client.POST('/meta/pool', { body: { effects: [{ r: 0.45, n: 88 }, { r: 0.31, n: 120 }, { r: 0.52, n: 64 }] } });
assert.equal(pool.data?.correlation?.r?.toFixed(4), '0.4156');

// A session, and its patient's erasure.
assert.equal((await client.POST('/sessions', { body: session })).response.status, 201);
const erased = await client.POST('/erasures', { body: { sourceSystem: run, patient: 'p-1' } });
assert.equal(erased.data?.measures, 1);
assert.equal((await client.POST('/sessions', { body: session })).response.status, 410);

// Every fault is named, in the caller's own words.
const wrong = await client.POST('/studies', { params: { query: { validateOnly: true } }, body: study(1.4) });
assert.deepEqual(wrong.error?.errors?.map(e => e.pointer), ['#/effects/0/statistic/value']);

console.log('TypeScript: everything is as expected.');
