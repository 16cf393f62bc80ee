// The contract as specmatic can generate requests from it. It reads no Accept, knows neither "not" nor conditions between members, and combines whatever may stand side by side;
// so what only goes together is narrowed to one form that does, by the examples that the contract has. What is refused for its shape alone is generated from what is left.
// node specmatic.mjs CONTRACT RESULT
import { readFileSync, writeFileSync } from 'node:fs';

// Operations that are left out, and why.
const left = {
  submitStudies: 'answers 207 for whatever stands in the batch',
  submitSessions: 'instrument, scale and score go together as the catalogue says',
  declareSources: 'a coding names an instrument, and groups of systems can only grow',
  replaceAbout: 'a day may not lie in the future',
  signCertainty: 'each domain is judged once, at a revision that there is',
  replacePractice: 'a statement names a question of its own',
  countEffectCoverage: 'nothing is fitted, so that a model does not apply',
  declareInstrument: 'items, scoring key and scales go together',
  getFhirCapabilities: 'HL7 says what is in a resource; not every one has the members of the first',
  submitFhirBundle: 'HL7 says what is in a resource',
  submitFhirObservation: 'HL7 says what is in a resource',
  submitFhirQuestionnaireResponse: 'HL7 says what is in a resource',
  replaceStudy: 'needs the ETag of a study that is there',
  retractStudy: 'takes away what the others read',
  reviewStudy: 'needs a study that waits',
  submitCoding: 'its date is past, and its coder has not coded the study',
  readImport: 'its address stands in an answer',
  analyzeEffectModerators: 'it repeats what may stand only once (uniqueItems)',
  getNewsFeed: 'a percent sign in XML ends the generator',
  regressEffects: 'it repeats what may stand only once (uniqueItems)',
  downloadSubsets: 'its parameters are those of /meta/diagnostics, which is generated',
  drawEffectBubblePlot: 'it repeats what may stand only once (uniqueItems)',
};

// Parameters that are left out, and why.
const omitted = new Set([
  ...['cursor', 'minRevision', 'asOf', 'to', 'version', 'page'], // name something that was answered before
  ...['measure', 'dependence', 'aggregation', 'test', 'robust', 'artifacts', 'equivalence', 'cluster', 'rhoSameOutcome', 'rhoSameRater', 'rhoSameForm', 'rangeRestriction', 'uRatio'], // go together with another one
  ...['permutations', 'bootstrap', 'steps', 'weights', 'selectionModels', 'subsets', 'estimators', 'dependences', 'rhos', 'orwinTarget'], // cost much, must ascend or be as many as others, or may not be zero
  ...['moderatorKind', 'centred', 'at', 'marginalMeans', 'drop', 'scaleTerms', 'x'], // name terms of the question, or double the combinations
  ...['validateOnly', 'Idempotency-Key', 'select'], // make it another answer
  'add', // is R:N
  ...['sequential', 'priorMuMean', 'priorMuSd', 'priorTau', 'priorTauScale', 'priorSensitivity', 'parts', 'registered', 'width'], // double the combinations each, and the priors go together with another one
]);

// What is sent as a whole of members that only go together: those that are needed then, and those that may be.
const rater = { type: 'object', required: ['rater'], properties: { rater: { type: 'string', enum: ['client', 'therapist'] } }, additionalProperties: false };
const key = { pattern: '^[a-z]{24}$' }; // which no other one has by chance
const narrowed = {
  Statistic: { needs: { type: { enum: ['r'] }, value: { minimum: -0.99, maximum: 0.99 }, n: { maximum: 100000 } }, may: [] },
  InlineEffect: { needs: { r: { minimum: -0.99, maximum: 0.99 }, n: { minimum: 4, maximum: 100000 }, moderators: rater }, may: ['year'] },
  StudyRequest: { needs: { key, kind: { enum: ['primary'] } }, may: ['citation', 'effects', 'synthetic', 'published', 'design', 'country', 'setting', 'therapists', 'note'] },
  EffectRequest: { needs: { key, outcomeType: {}, relationshipRater: {}, outcomeRater: {} }, may: ['sample', 'statistic', 'relationshipMeasure', 'relationshipScale', 'outcomeMeasure', 'outcomeDirection', 'level', 'timing',
    'relationshipReliability', 'outcomeReliability'] },
  Citation: { needs: { year: { maximum: 2025 } }, may: ['authors', 'title', 'doi'] },
  SessionSearchRequest: { needs: { patient: {} }, may: ['sourceSystem', 'session'] },
  ModelRequest: { needs: {}, may: ['estimator', 'prediction', 'rho', 'confidence'] },
  PlanRequest: { needs: { target: { enum: ['excludesZero'] }, effects: {} }, may: ['assumedR', 'model'] },
  ChangesRequest: { needs: { from: { type: 'integer', minimum: 0 } }, may: ['model'] },
};
const parameters = { planForEvidence: { target: { enum: ['excludesZero'] } }, convertStatistic: { type: { enum: ['t'] }, value: { minimum: -100, maximum: 100 }, df: { maximum: 100000 } } };

const contract = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const schemas = contract.components.schemas;
// What operations share is in the components; here each has its own, which is then narrowed.
const own = node => structuredClone(node.$ref ? node.$ref.slice(2).split('/').reduce((at, name) => at[name], contract) : node);
for (const operation of Object.values(contract.paths).flatMap(Object.values)) {
  operation.parameters = (operation.parameters ?? []).map(own);
  operation.responses = Object.fromEntries(Object.entries(operation.responses).map(([status, response]) => [status, own(response)]));
}
// Filters leave no effect where the value is made up.
Object.keys(schemas.FilterRequest.properties).forEach(name => omitted.add(name));
const resolved = schema => schema?.$ref ? resolved(schemas[schema.$ref.split('/').at(-1)]) : schema;
const notNull = schema => {
  const own = resolved(schema);
  const only = own.oneOf?.filter(a => a.type !== 'null') ?? [];
  return only.length === 1 ? notNull(only[0]) : { ...own, type: Array.isArray(own.type) ? own.type.find(t => t !== 'null') : own.type };
};

// A body with its schemas in place, each narrowed.
const sent = schema => {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1);
    return sent(narrow(name, structuredClone(schemas[name])));
  }
  const result = { ...schema };
  if (schema.oneOf) result.oneOf = schema.oneOf.map(sent);
  if (schema.items) result.items = sent(schema.items);
  if (schema.properties) result.properties = Object.fromEntries(Object.entries(schema.properties).filter(([, p]) => !p.readOnly).map(([name, p]) => [name, sent(p)]));
  delete result.maxItems;
  return result;
};
const narrow = (name, schema) => {
  const { needs, may } = narrowed[name] ?? {};
  if (needs) {
    const kept = [...Object.keys(needs), ...may];
    schema.properties = Object.fromEntries(kept.map(k => [k, needs[k] === rater ? rater : needs[k] ? { ...notNull(schema.properties[k]), ...needs[k], oneOf: undefined } : schema.properties[k]]));
    schema.required = [...new Set([...(schema.required ?? []).filter(r => kept.includes(r)), ...Object.keys(needs)])];
  } else if (schema.properties?.effects && schema.properties.filter) {
    // Effects or a filter, and not both.
    const { filter, ...properties } = schema.properties;
    schema.properties = Object.fromEntries(Object.entries(properties).filter(([n]) => !omitted.has(n)));
    schema.properties.effects = notNull(schema.properties.effects);
    if (schema.properties.by) schema.properties.by = { type: 'string', enum: ['rater'] };
    // Names of moderators that there are, each once.
    for (const name of ['terms', 'by']) if (!schema.required?.includes(name)) delete schema.properties[name];
    schema.required = [...(schema.required ?? []), 'effects'];
  }
  return schema;
};

// What a parameter must be to be answered is the example that the contract has; ends that are open are closed, which specmatic miscounts.
const parameter = (operation, p) => {
  const needs = parameters[operation.operationId];
  // A table is of the answer that the same operation gives as JSON, and is asked the same.
  if (operation.operationId.endsWith('Table') && p.in === 'query' && !p.required && !['table', 'bom'].includes(p.name)) return null;
  if (operation.operationId === 'testEvidenceBias' && ['trimAndFill', 'side'].includes(p.name)) return null; // funnel.svg is asked with them
  if (p.name === 'terms' && !p.required) return null; // a moderator that there is
  if (needs && p.in === 'query') return needs[p.name] ? { ...p, required: true, schema: { ...p.schema, ...needs[p.name] } } : null;
  if (operation.operationId === 'getPage' && ['r', 'n'].includes(p.name)) return null; // redirect
  // It would repeat a name that may stand only once, and make up one that nobody has.
  if (p.name === 'by' && !p.required) return null;
  if (!(p.required && p.example !== undefined)) return p;
  return { ...p, schema: { ...(p.schema.items ?? p.schema), enum: [p.example].flat() } };
};
const closed = node => {
  if (Array.isArray(node)) return node.map(closed);
  if (!node || typeof node !== 'object') return node;
  const { exclusiveMinimum: above, exclusiveMaximum: below, example, examples, ...rest } = node;
  const result = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, closed(value)]));
  if (typeof above === 'number') result.minimum = above + 0.001;
  if (typeof below === 'number') result.maximum = below - 0.001;
  return result;
};

for (const [path, operations] of Object.entries(contract.paths)) {
  for (const [method, operation] of Object.entries(operations)) {
    if (left[operation.operationId]) {
      delete operations[method];
      continue;
    }
    delete operation.security;
    // Beside a body of JSON there is no query: it is that of a spreadsheet.
    const ofSpreadsheet = p => p.in === 'query' && method === 'post' && path.startsWith('/meta/');
    operation.parameters = operation.parameters.filter(p => (p.in === 'path' || !omitted.has(p.name)) && !ofSpreadsheet(p)).map(p => parameter(operation, p)).filter(Boolean);
    const body = operation.requestBody?.content['application/json'];
    if (body) operation.requestBody.content = { 'application/json': { ...body, schema: sent(body.schema) } };
    // The same again is what is not generated.
    if (operation.responses[201]) delete operation.responses[200];
    // Without Accept the first is answered.
    for (const response of Object.values(operation.responses)) {
      response.content &&= Object.fromEntries(Object.entries(response.content).slice(0, 1));
      // It takes a picture for XML, and an archive or a Word document for text, and reads neither.
      for (const [type, media] of Object.entries(response.content ?? {})) if (/svg|zip|wordprocessingml/.test(type)) media.schema = {};
    }
  }
  if (Object.keys(operations).length === 0) delete contract.paths[path];
}

delete contract.components.examples;
delete contract.components.parameters;
delete contract.components.responses;
delete contract.components.securitySchemes;
delete contract.security;
const result = closed(contract);
// A revision must have been: the one that the contract shows.
const changes = [contract, result].map(c => c.paths['/meta/changes'].post);
changes[1].requestBody.content['application/json'].examples = { shown: { value: { from: changes[0].requestBody.content['application/json'].example.from } } };
changes[1].responses[200].content['application/json'].examples = { shown: { value: changes[0].responses[200].content['application/json'].example } };
writeFileSync(process.argv[3], JSON.stringify(result));
