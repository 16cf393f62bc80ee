// A foreign client against a running service: what it reads, what it creates, and what it is told when it is wrong.
// node check.mjs http://localhost:8080/fhir
import assert from 'node:assert/strict';
import { Client } from 'fhir-kit-client';

const baseUrl = process.argv[2];
assert(baseUrl, 'usage: node check.mjs BASE_URL');
const client = new Client({ baseUrl, customHeaders: process.env.FHIR_API_KEY ? { 'X-API-Key': process.env.FHIR_API_KEY } : {} });
const source = 'fhir-kit-client';

const observation = (id, score, more = {}) => ({
  resourceType: 'Observation',
  meta: { source, versionId: '1' },
  identifier: [{ value: id }],
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '44261-6' }] },
  subject: { reference: 'Patient/p-1' },
  encounter: { reference: 'Encounter/e-1' },
  performer: [{ reference: 'Patient/p-1' }],
  effectiveDateTime: '2026-03-01T10:00:00+01:00',
  valueQuantity: { value: score },
  ...more,
});

const gad7 = {
  resourceType: 'QuestionnaireResponse',
  meta: { source },
  identifier: { value: 'qr-1' },
  status: 'completed',
  questionnaire: 'http://loinc.org/q/69737-5',
  subject: { reference: 'Patient/p-1' },
  source: { reference: 'Patient/p-1' },
  authored: '2026-03-01T09:50:00+01:00',
  item: ['69725-0', '68509-9', '69733-4', '69734-2', '69735-9', '69689-8', '69736-7'].map((code, i) => ({
    linkId: `/${code}`, answer: [{ valueCoding: { system: 'http://loinc.org', code: ['LA6568-5', 'LA6569-3'][i % 2] } }],
  })),
};

const entry = (resource, ifNoneExist) => ({ resource, request: { method: 'POST', url: resource.resourceType, ...(ifNoneExist && { ifNoneExist }) } });
const bundle = (type, ...entries) => ({ resourceType: 'Bundle', type, entry: entries });
const statuses = answer => answer.entry.map(e => e.response.status);

// The error of a request that must be refused: its status, and the OperationOutcome.
const refusal = async request => {
  try {
    await request;
  } catch (error) {
    assert(error.response, `not an answer of the service: ${error.message}`);
    assert.equal(error.response.data.resourceType, 'OperationOutcome');
    return { status: error.response.status, issues: error.response.data.issue.map(i => `${i.expression?.[0]} ${i.details?.coding?.[0]?.code}`) };
  }
  assert.fail('should have been refused');
};

const checks = {
  async 'metadata says what is understood'() {
    const statement = await client.capabilityStatement();
    assert.equal(statement.resourceType, 'CapabilityStatement');
    assert.equal(statement.fhirVersion, '4.0.1');
    const [rest] = statement.rest;
    assert.deepEqual(rest.resource.map(r => r.type), ['Bundle', 'Observation', 'QuestionnaireResponse']);
    assert.deepEqual(rest.interaction.map(i => i.code), ['transaction', 'batch']);
  },
  async 'an Observation is created, once'() {
    for (const text of ['It is stored.', 'It was stored before.']) {
      const answer = await client.create({ resourceType: 'Observation', body: observation('o-1', 12) });
      assert.equal(answer.issue[0].severity, 'information');
      assert.equal(answer.issue[0].diagnostics, text);
    }
  },
  async 'a conditional create finds what is there'() {
    const options = { headers: { 'If-None-Exist': 'identifier=o-1' } };
    const answer = await client.create({ resourceType: 'Observation', body: observation('o-1', 20), options });
    assert.equal(answer.issue[0].diagnostics, 'It was stored before.');
  },
  async 'the Java client starts with the format in its query, and searches by absolute address'() {
    const headers = {
      Accept: 'application/fhir+xml;q=1.0, application/fhir+json;q=1.0, application/xml+fhir;q=0.9, application/json+fhir;q=0.9',
      'Content-Type': 'application/fhir+json; charset=UTF-8',
      ...(process.env.FHIR_API_KEY && { 'X-API-Key': process.env.FHIR_API_KEY }),
    };
    const metadata = await fetch(`${baseUrl}/metadata?_format=json`, { headers });
    assert.equal(metadata.status, 200);
    assert.equal((await metadata.json()).resourceType, 'CapabilityStatement');
    const identifier = [{ system: 'https://ehr.example/obs', value: 'hapi-1' }];
    const search = `${baseUrl}/Observation?identifier=${encodeURIComponent('https://ehr.example/obs|hapi-1')}`;
    for (const status of [201, 200]) {
      const answer = await fetch(`${baseUrl}/Observation?_format=json`,
        { method: 'POST', headers: { ...headers, 'If-None-Exist': search }, body: JSON.stringify(observation('', 12, { identifier })) });
      assert.equal(answer.status, status, await answer.text());
    }
  },
  async 'a QuestionnaireResponse is created'() {
    const answer = await client.create({ resourceType: 'QuestionnaireResponse', body: gad7 });
    assert.equal(answer.issue[0].severity, 'information');
  },
  async 'a transaction is stored whole'() {
    const entries = [entry(observation('o-2', 10)), entry(observation('o-3', 11), 'identifier=o-3'), entry(observation('o-1', 12))];
    const answer = await client.transaction({ body: bundle('transaction', ...entries) });
    assert.equal(answer.type, 'transaction-response');
    assert.deepEqual(statuses(answer), ['201 Created', '201 Created', '200 OK']);
    assert.equal(answer.entry[0].response.etag, 'W/"1"');
  },
  async 'or not at all'() {
    const { status, issues } = await refusal(client.transaction({ body: bundle('transaction', entry(observation('o-4', 10)), entry(observation('o-5', 99))) }));
    assert.equal(status, 422);
    assert.deepEqual(issues, ['Bundle.entry[1].resource.value outOfRange']);
    const after = await client.batch({ body: bundle('batch', entry(observation('o-4', 10))) });
    assert.deepEqual(statuses(after), ['201 Created']);
  },
  async 'of a batch each entry is for itself'() {
    const answer = await client.batch({ body: bundle('batch', entry(observation('o-6', 10)), entry(observation('o-7', 99))) });
    assert.equal(answer.type, 'batch-response');
    assert.deepEqual(statuses(answer), ['201 Created', '422 Unprocessable Entity']);
  },
  async 'a name is refused, and not repeated'() {
    const named = observation('o-8', 10, { subject: { reference: 'Patient/p-1', display: 'Ann' } });
    const { status, issues } = await refusal(client.create({ resourceType: 'Observation', body: named }));
    assert.equal(status, 422);
    assert.deepEqual(issues, ['Observation.subject.display personalData']);
  },
  async 'what cannot be done is told as an OperationOutcome'() {
    assert.equal((await refusal(client.read({ resourceType: 'Observation', id: 'o-1' }))).status, 404);
    assert.equal((await refusal(client.search({ resourceType: 'Observation', searchParams: {} }))).status, 405);
  },
};

for (const [name, check] of Object.entries(checks)) {
  await check().catch(error => { console.error(`FAILED: ${name}`); throw error; });
  console.log(`ok: ${name}`);
}
console.log(`fhir-kit-client: ${Object.keys(checks).length} checks passed.`);
