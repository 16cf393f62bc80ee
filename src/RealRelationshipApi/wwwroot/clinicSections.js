// Sections of the page of a clinic: sentences, charts and tables from the responses of the service.
import { bar, caterpillar, correlation, dayColumns, el, figure, number, runChart, strip } from "/charts.js";

const nameOf = code => code.toUpperCase();
const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
const percent = share => `${Math.round(100 * share)}\u00a0%`;
const shortName = therapist => therapist.slice(0, 6);
const interval = (lower, upper) => lower === null ? "no interval" : `[${correlation(lower)}, ${correlation(upper)}]`;
const nothing = sentence => el("p", { class: "nothing" }, sentence);

function table(name, heads, rows, hasCaption = true) {
  return el("div", { class: "wide", tabindex: "0", role: "region", "aria-label": name }, el("table", { class: "numbers" },
    hasCaption ? el("caption", {}, name) : null, el("thead", {}, el("tr", {}, ...heads.map(h => el("th", { scope: "col" }, h)))),
    el("tbody", {}, ...rows.map(([first, ...cells]) => el("tr", {}, el("th", { scope: "row" }, first), ...cells.map(c => el("td", {}, c)))))));
}

const folded = (summary, ...content) => el("details", {}, el("summary", {}, summary), ...content);

// Associations

const raterWords = { client: "rated by the client", therapist: "rated by the therapist", observer: "rated by an observer" };
const outcomeWords = { sessionOutcome: "session outcome", treatmentOutcome: "treatment outcome", treatmentProgress: "progress" };

const scoreName = (instrument, scale, rater) => `${nameOf(instrument)}${scale === "total" ? "" : ` ${scale}`}, ${raterWords[rater]}`;
const pairName = a => `${nameOf(a.relationshipInstrument)}${a.relationshipScale === "total" ? "" : ` ${a.relationshipScale}`} (${a.relationshipRater}) and `
  + `${nameOf(a.outcomeInstrument)}${a.outcomeScale === "total" ? "" : ` ${a.outcomeScale}`} (${a.outcomeRater})`;
const alliancesOf = a => a.adjustedFor.filter(name => name !== "sessionNumber" && name !== "preScore");

function titleOf(a) {
  const level = { withinClient: "Within clients", betweenClient: "Between clients", betweenTherapist: "Between therapists" }[a.level];
  const alliance = alliancesOf(a);
  return alliance.length > 0 ? `${level}, beyond the alliance (${alliance.map(nameOf).join(", ")})`
    : a.basis === "latent" ? `${level}, without the noise of single sessions`
    : a.basis === "raw" ? `${level}, with the trend over sessions` : level;
}

// What goes with what, as a clause: better, or worse where the opposite of the expected is found.
function clauseOf(a, better = "better") {
  const outcome = outcomeWords[a.outcomeType];
  const alliance = alliancesOf(a).length > 0 ? ", beyond what the alliance accounts for" : "";
  if (a.level === "withinClient") {
    return `in sessions in which clients have a stronger relationship than they usually have, their ${outcome} is ${better} than usual`
      + (a.basis === "raw" ? ", a shared trend over sessions included" : `${alliance || ", beyond a trend over sessions"}`);
  }
  const who = a.level === "betweenTherapist" ? "therapists whose clients have stronger relationships" : "clients with a stronger relationship";
  if (a.outcomeType === "treatmentOutcome") {
    return `${who} end with ${better} scores than others who began with the same score`;
  }
  return `${who} have a ${better} ${outcome}${a.level === "betweenClient" ? " than other clients of the same therapist" : ""}${alliance}`;
}

function sentenceOf(a) {
  if (a.r === null) {
    return `It cannot be estimated whether ${clauseOf(a)}: ${a.outsideRange ? "the estimate lies beyond ±1" : "there are too few people, or no differences"}.`;
  }
  const size = `r = ${correlation(a.r)} ${interval(a.lower, a.upper)}`;
  const of = `${plural(a.patients, "patient")} of ${plural(a.therapists, "therapist")}`
    + (a.outcomeType === "sessionOutcome" ? `, ${plural(a.sessions, "session")}` : "");
  const statement = a.lower === null || (a.lower <= 0 && a.upper >= 0) ? `These data do not show whether ${clauseOf(a)}`
    : `In your clinic, ${clauseOf(a, a.r > 0 ? "better" : "worse")}`;
  return `${statement}: ${size}, ${of}.`;
}

function standingOf(a) {
  const expected = a.standing === null ? "" : `Of other clinics, r between ${correlation(a.standingPredictionLower)} and `
    + `${correlation(a.standingPredictionUpper)} is expected (prediction interval from ${plural(a.standingSites, "other sample")}).`;
  const words = {
    inside: "Inside what is expected of other clinics.",
    below: "Below what is expected of other clinics.",
    above: "Above what is expected of other clinics.",
    tooFewToSay: "Too few data to say how your clinic compares.",
  }[a.standing] ?? "Not compared: there is no prediction interval of other clinics for this.";
  const numbers = a.standing === null ? "" : `Your difference from their mean is ${number(a.standingDifference, 2)} on Fisher’s z; an ordinary clinic `
    + `with your number of patients rarely exceeds ±${number(a.standingLimit, 2)}.`;
  return el("p", {}, el("span", { class: "standing" }, words), ` ${expected} ${numbers}`);
}

const suppressionWords = {
  tooFewPatients: "too few patients", tooFewTherapists: "too few therapists", tooFewNew: "too few new patients since the last release",
  notEstimable: "it cannot be estimated", dominated: "one patient or therapist dominates it", basisNotReleased: "this view never is",
  windowNotReleased: "this window never is", cellNotReleased: "these scores never are",
};

function card(a, range) {
  const chart = a.r === null ? null : figure(`r = ${correlation(a.r)} ${interval(a.lower, a.upper)} on an axis of correlations`
    + (a.standing === null ? "." : `; expected of other clinics ${interval(a.standingPredictionLower, a.standingPredictionUpper)}.`), null,
  width => strip(width, a, range));
  return el("div", { class: "card" }, el("h4", {}, titleOf(a)), el("p", {}, sentenceOf(a)), chart, a.r === null ? null : standingOf(a),
    el("p", { class: "note" }, a.released ? "Part of your last release to others." : `Not released to others: ${suppressionWords[a.suppressedBecause]}.`));
}

const excludedWords = {
  retracted: "withdrawn", superseded: "replaced by a later version", wrongStatus: "status not final", itemsAsUndeclared: "how items are sent is not declared",
  notOutcome: "measures neither", formChanged: "the form was changed", noSession: "without session", noRelationship: "no relationship score beside it",
  noOutcome: "no outcome score beside it", noPreScore: "no outcome score before the first relationship score", xAfterPost: "after the last outcome score",
  outsideWindow: "outside of the window", oneSession: "the only session of its client", oneClient: "the only client of its therapist",
};

const isMain = a => alliancesOf(a).length === 0 && a.basis !== "latent" && a.basis !== "raw";

export function associations([response], download) {
  const all = response.associations;
  if (all.length === 0) {
    return [nothing(response.counts.stored === 0 ? "Nothing is stored of your site yet: once sessions are sent, this page fills." : "There is no association "
      + "yet: no session has scores of both the relationship and an outcome.")];
  }
  const limits = all.flatMap(a => [a.r, a.lower, a.standingPredictionLower, a.upper, a.standingPredictionUpper]).filter(v => v !== null);
  const range = [Math.max(-1, Math.floor(Math.min(-0.1, ...limits) * 5) / 5), Math.min(1, Math.ceil(Math.max(0.5, ...limits) * 5) / 5)];
  const groups = Map.groupBy(all, pairName);
  const percentage = Math.round(100 * response.data.confidence);
  return [
    el("p", {}, `${plural(response.counts.used, "score")} of ${response.counts.stored.toLocaleString("en")} are used. Brackets are ${percentage}\u00a0% `
      + "confidence intervals; r is a correlation, from −1 to 1, turned so that above 0 better goes with stronger. They show how two things go together, "
      + "not that one brings about the other."),
    ...[...groups].flatMap(([pair, found]) => {
      const others = found.filter(a => !isMain(a));
      return [el("h3", {}, pair), ...found.filter(isMain).map(a => card(a, range)),
        others.length > 0 ? folded(`${plural(others.length, "further view")} of the same scores`, ...others.map(a => card(a, range))) : null];
    }).filter(node => node !== null),
    folded("All numbers", table("Associations", ["Scores, level", "r", "CI", "z", "SE", "df", "p", "Patients", "Sessions", "Expected r", "Difference (z)"],
      all.map(a => [`${pairName(a)}: ${titleOf(a)}`, correlation(a.r), interval(a.lower, a.upper),
        ...[a.z, a.standardError].map(v => v === null ? "–" : number(v, 3)),
        a.df === null ? "–" : number(a.df, 1), a.p === null ? "–" : a.p < 0.001 ? "< .001" : number(a.p, 3).replace("0.", "."), a.patients, a.sessions,
        interval(a.standingPredictionLower, a.standingPredictionUpper).replace("no interval", "–"),
        a.standingDifference === null ? "–" : number(a.standingDifference, 2)])),
    response.excluded.length > 0 ? table("Scores that take no part, by the first reason", ["Reason", "Scores"],
      response.excluded.map(e => [excludedWords[e.reason] ?? e.reason, e.count])) : null),
    el("div", { class: "row noprint" }, download("Save the picture (SVG)", "/associations.svg", "image/svg+xml", "associations.svg"),
      download("Save the table (CSV)", "/associations.csv", "text/csv", "associations.csv")),
  ];
}

// Therapists and course of treatment

const directionWords = { stronger: "higher is stronger", better: "higher is better", worse: "lower is better" };
const statisticWords = { mean: "mean over sessions", last: "last score", lastAdjustedForFirst: "last score, adjusted for the first" };

const seriesName = s => scoreName(s.instrument, s.scale, s.rater);
const rangeOf = s => s.minimum === null ? "" : `scale ${s.minimum}–${s.maximum}, `;
const digitsOf = s => s.maximum !== null && s.maximum - s.minimum > 10 ? 1 : 2;

function therapistsOf(found, minPatients) {
  const { series } = found;
  const digits = digitsOf(series);
  const left = [[found.therapistsBelowMinimum, `with fewer than ${minPatients} patients are not shown`]].filter(([count]) => count > 0)
    .map(([count, why]) => `${plural(count, "therapist")} ${why}.`).concat(
      found.patientsWithoutTherapist > 0 ? [`${plural(found.patientsWithoutTherapist, "patient")} have no known therapist.`] : [],
      found.patientsWithOneScore > 0 ? [`${plural(found.patientsWithOneScore, "patient")} have only one score.`] : []);
  const note = left.length > 0 ? el("p", { class: "note" }, left.join(" ")) : null;
  if (found.suppressedBecause !== null) {
    return [el("h3", {}, seriesName(series)), nothing(found.suppressedBecause === "tooFewTherapists"
      ? `Not shown: a comparison needs two therapists with at least ${minPatients} patients each.`
      : "Not shown: patients of the same therapist do not differ."), note].filter(node => node !== null);
  }
  const outside = found.effects.filter(e => e.lower > found.mean || e.upper < found.mean).length;
  const verdict = found.betweenVariance === 0 ? "The therapists differ no more than their patients do by chance: each estimate is the common mean."
    : `${percent(found.intraclassCorrelation)} of the variance lies between therapists. ` + (outside === 0
      ? "No interval excludes the mean: these data cannot tell the therapists apart."
      : `${plural(outside, "interval")} of ${found.effects.length} ${outside === 1 ? "excludes" : "exclude"} the mean; by chance alone one in twenty would.`);
  const units = [statisticWords[found.statistic], `${rangeOf(series)}${directionWords[series.direction]}`];
  return [el("h3", {}, seriesName(series)), el("p", {}, `${verdict} ${plural(found.patients, "patient")} of ${plural(found.therapists, "therapist")}.`),
    figure(`Means of ${plural(found.effects.length, "therapist")} with intervals around ${number(found.mean, digits)}, the best first. `
      + "The numbers are in the table.", null, width => caterpillar(width, found, units, shortName, digits)), note,
    folded("The therapists as a table", table(`${seriesName(series)}: ${statisticWords[found.statistic]}`,
      ["Therapist", "Patients", "Observed", "Estimate", "Interval", "Own weight"], found.effects.map(e => [e.therapist, e.patients, number(e.observed, digits),
        number(e.estimate, digits), `[${number(e.lower, digits)}, ${number(e.upper, digits)}]`, percent(e.weight)])))];
}

export function therapists([response]) {
  return response.series.length === 0 ? [nothing("There are no scores of the relationship or of an outcome yet.")] : [
    el("p", {}, "Therapists have different patients, and few of them: differences are a reason to look, not to judge. A filled point is the estimate of a "
      + "therapist’s mean with its 95\u00a0% interval; it is drawn from the observed mean (hollow) towards the mean of all (dashed), the more so the fewer the "
      + "patients (n). The best is first. Names are the beginnings of pseudonyms."),
    ...response.series.flatMap(s => therapistsOf(s, response.minPatients)).filter(node => node !== null)];
}

function trendOf(found, minimum) {
  const { series } = found;
  const digits = digitsOf(series);
  const last = found.points.findLastIndex(p => p.treatments >= minimum);
  if (last < 0) {
    return [el("h3", {}, seriesName(series)), nothing(`Not shown: no session number has scores of ${minimum} treatments.`)];
  }
  const points = found.points.slice(0, last + 1);
  const [from, to] = [points.find(p => p.treatments >= minimum), points[last]];
  const later = found.points.length - points.length;
  return [el("h3", {}, seriesName(series)),
    el("p", {}, `Mean ${number(from.mean, digits)} in session ${from.sessionNumber} (${plural(from.treatments, "treatment")}), `
      + `${number(to.mean, digits)} in session ${to.sessionNumber} (${to.treatments}); ${rangeOf(series)}${directionWords[series.direction]}.`
      + (later > 0 ? ` ${plural(later, "later session number")} of fewer than ${minimum} treatments are in the table.` : "")),
    figure(`Run chart: mean by session number, from ${number(from.mean, digits)} to ${number(to.mean, digits)}. The numbers are in the table.`, null,
      width => runChart(width, found, points, "session number; n treatments", minimum, digits)),
    folded("The sessions as a table", table(`${seriesName(series)} by session number`, ["Session", "Treatments", "Mean", "SD", "95\u00a0% interval"],
      found.points.map(p => [p.sessionNumber, p.treatments, number(p.mean, digits), p.standardDeviation === null ? "–" : number(p.standardDeviation, digits),
        p.lower === null ? "–" : `[${number(p.lower, digits)}, ${number(p.upper, digits)}]`])))];
}

export function trends([response]) {
  return response.series.length === 0 ? [nothing("There are no scores of the relationship or of an outcome yet.")] : [
    el("p", {}, "Means by session number with their 95\u00a0% intervals (shaded), around the median of the means (dashed). Later sessions are of the "
      + `treatments that last longer, so a change can come from who stays. Hollow points are of fewer than ${response.minTreatments} treatments.`),
    ...response.series.flatMap(s => trendOf(s, response.minTreatments))];
}

// Completeness and refusals

const groupNames = { month: "Month", therapist: "Therapist", source: "Source system" };

function completenessOf({ by, groups }) {
  const share = (part, of) => of === 0 ? "–" : percent(part / of);
  return [el("h3", {}, `By ${groupNames[by].toLowerCase()}`), table(`Sessions with scores, by ${groupNames[by].toLowerCase()}`,
    [groupNames[by], "Sessions", "With both", "Relationship", "Outcome"], groups.map(g => [
      g.value === null ? "unknown" : by === "therapist" ? shortName(g.value) : g.value, g.sessions.toLocaleString("en"),
      el("span", {}, bar(g.sessions === 0 ? 0 : g.withBoth / g.sessions), share(g.withBoth, g.sessions)), share(g.withRelationship, g.sessions),
      share(g.withOutcome, g.sessions)]), false)];
}

export function completeness(responses) {
  const [{ groups }] = responses;
  const total = groups.reduce((sum, g) => sum + g.sessions, 0);
  const both = groups.reduce((sum, g) => sum + g.withBoth, 0);
  const loose = groups.reduce((sum, g) => sum + g.scoresWithoutSession, 0);
  return groups.length === 0 ? [nothing("No sessions are stored yet.")] : [
    el("p", {}, `${both.toLocaleString("en")} of ${plural(total, "session")}${total === 0 ? "" : ` (${percent(both / total)})`} have scores of both the `
      + "relationship and an outcome; only these can be compared within a session."
      + (loose > 0 ? ` ${plural(loose, "score")} came without a session.` : "")), ...responses.flatMap(completenessOf)];
}

const reasonWords = {
  outOfRange: "score or number out of its range", required: "something required is missing", unknownInstrument: "unknown instrument",
  ambiguousInstrument: "ambiguous instrument", wrongRater: "rater does not fit the instrument", unknownScale: "unknown scale",
  ambiguousAggregation: "unclear whether sum or mean", wrongAggregation: "aggregation does not fit", totalDisagrees: "total disagrees with its items",
  tooManyMissing: "too many items missing", wrongItemCount: "wrong number of items", needsScoringKey: "items need a scoring key",
  itemsAsUndeclared: "how items are sent is not declared", otherContent: "other content for a stored version", tooManyConflicts: "too many other contents",
  erased: "the patient’s data were erased", notJson: "not JSON", notCsv: "not CSV", badRow: "row that cannot be read", unknownMember: "unknown member",
  notAKey: "a key that may name a person", personalData: "personal data", freeText: "free text", future: "date in the future", noOffset: "time without offset",
  otherSourceSystem: "source system of another key", wrongCode: "wrong code", notSupported: "not supported", invalidResource: "invalid FHIR resource",
};

export function refusals([response]) {
  if (response.total === 0) {
    return [nothing(`Nothing was refused from ${response.from} to ${response.to}.`)];
  }
  const days = [];
  for (const day = new Date(`${response.from}T00:00:00Z`); days.at(-1) !== response.to; day.setUTCDate(day.getUTCDate() + 1)) {
    days.push(day.toISOString().slice(0, 10));
  }
  const rows = [...Map.groupBy(response.refusals, r => r.reason)].map(([reason, of]) => ({
    name: reasonWords[reason] ?? reason, total: of.reduce((sum, r) => sum + r.count, 0), byDay: new Map(of.map(r => [r.day, r.count])),
  })).sort((a, b) => b.total - a.total);
  return [
    el("p", {}, `${plural(response.total, "measure")} ${response.total === 1 ? "was" : "were"} refused from ${response.from} to ${response.to} (UTC). `
      + "A session, row or file that could not be read counts once. Your system was told which ones; only counts are kept."),
    figure(`Refused measures by day and reason: ${rows.map(r => `${r.name} ${r.total}`).join(", ")}.`, null, width => dayColumns(width, days, rows)),
    folded("The counts as a table", table("Refused measures by day and reason", ["Day", "Reason", "Code", "Count"],
      response.refusals.toReversed().map(r => [r.day, reasonWords[r.reason] ?? r.reason, r.reason, r.count]))),
  ];
}
