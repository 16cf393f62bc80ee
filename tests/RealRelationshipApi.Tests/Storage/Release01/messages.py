"""Requests that fill the fixture, in the order of sending; the same on every run."""
import json
import random

RANDOM = random.Random(20180901)


def message(stage, name, tenant, path, body, method="POST", media="application/json", resend=True, **headers):
    """One request. `stage` numbers the key ring in use; `resend` is False for a request that would change the store again."""
    return {"stage": stage, "name": name, "as": tenant, "method": method, "path": path, "mediaType": media, "headers": headers, "resend": resend, "body": body}


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)


# ---- Studies

def effect(statistic, key="e1", sample=None, **members):
    return {"key": key, "sample": sample, "statistic": statistic, "outcomeType": "treatmentOutcome", "relationshipRater": "client", "outcomeRater": "client",
            "relationshipMeasure": "rri-c", "outcomeMeasure": "phq-9", "outcomeDirection": "higherIsBetter", "level": "betweenClient", **members}


def study(key, *effects, year=2020, kind="primary", **members):
    for one in effects:
        one["sample"] = one["sample"] or key
    return {"key": key, "citation": {"authors": f"Fixture {key}", "year": year, "title": f"Study {key} of the fixture"}, "kind": kind, **members, "effects": list(effects)}


def r(value, n):
    return {"type": "r", "value": value, "n": n}


STATISTICS = {
    "r": r(0.41, 88),
    "partial-r": {"type": "partialR", "value": 0.28, "n": 120, "covariates": 2},
    "semi-partial-r": {"type": "semiPartialR", "value": 0.22, "n": 150, "covariates": 3, "rSquared": 0.31},
    "spearman": {"type": "spearman", "value": 0.36, "n": 64},
    "fisher-z-n": {"type": "fisherZ", "value": 0.44, "n": 52},
    "fisher-z-se": {"type": "fisherZ", "value": 0.33, "se": 0.125},
    "d-groups": {"type": "d", "value": 0.71, "n1": 31, "n2": 29},
    "d-total": {"type": "d", "value": 0.52, "n": 75},
    "g-groups": {"type": "g", "value": 0.64, "n1": 40, "n2": 38},
    "t": {"type": "t", "value": 2.9, "df": 58},
    "f": {"type": "f", "value": 7.3, "df1": 1, "df2": 66, "sign": 1},
    "chi2": {"type": "chi2", "value": 5.9, "n": 70, "sign": -1},
    "p": {"type": "p", "value": 0.012, "n": 95, "tails": 2, "sign": 1},
    "odds-ratio-groups": {"type": "oddsRatio", "value": 2.4, "contrast": "groups", "lower": 1.2, "upper": 4.8, "confidence": 0.95, "n": 180},
    "odds-ratio-per-sd": {"type": "oddsRatio", "value": 1.6, "contrast": "perSd", "lower": 1.1, "upper": 2.327},
    "effect": {"type": "effect", "yi": 0.37, "vi": 0.0132},
}

COUNTRIES = ("US", "IT", "DE", "GB")
RATERS = ("client", "therapist", "observer")
OUTCOMES = ("treatmentOutcome", "treatmentProgress", "sessionOutcome", "followUp")


def of_each_statistic():
    for i, (name, statistic) in enumerate(STATISTICS.items()):
        members = {"adjustedFor": ["baseline", "alliance"]} if "artial" in statistic["type"] else {}
        yield study(f"statistic-{name}", effect(
            statistic, outcomeType=OUTCOMES[i % 4], relationshipRater=RATERS[i % 3], outcomeRater=RATERS[i // 2 % 3], timing=("concurrent", "early", "mid", "late")[i % 4],
            relationshipMeasure=("rri-c", "rri-t", "RRI-C-12")[i % 3], outcomeMeasure=("phq-9", "oq-45", "ses", "core-10")[i // 2 % 4],
            outcomeDirection="higherIsWorse" if statistic["type"] == "chi2" else "higherIsBetter",
            moderators={"meanAge": 30.5 + i, "remote": ("no", "mixed", "yes")[i % 3], "sessionCount": 6 + i % 5}, **members),
            year=2006 + i, country=COUNTRIES[i % 4], design=("prospective", "concurrent", "retrospective")[i % 3], published=i % 5 != 0, therapists=3 + i,
            setting="Outpatient clinic, Straße 1 – ärztlich", note="Ärger 🙂 and \"quotes\", a comma, and a\nnew line" if i == 0 else None)


def studies(demo_folder):
    demo = [json.loads((demo_folder / f"{name}.json").read_text("utf-8"))["studies"] for name in ("references", "illustration")]
    yield message(0, "references", "evidence", "/studies/batch", demo[0])
    yield message(0, "illustration", "evidence", "/studies/batch?atomic=true", demo[1])
    each = list(of_each_statistic())
    yield message(0, "first-statistics", "evidence", "/studies", each[0])
    yield message(0, "studies-by-lines", "evidence", "/studies/batch", lines(each[1:10]), media="application/x-ndjson")
    yield message(0, "studies-by-array", "clinic-b", "/studies/batch", each[10:])
    yield message(0, "studies-by-csv", "evidence", "/studies/batch",
                  "study,key,sample,citation.authors,citation.year,citation.title,kind,statistic.type,statistic.value,statistic.n,outcomeType,relationshipRater,outcomeRater,"
                  "relationshipMeasure,outcomeMeasure,outcomeDirection,level,adjustedFor,moderators.remote,moderators.meanAge\n"
                  "csv-one,e1,csv-one,Fixture csv,2019,\"Study of the fixture, by CSV\",primary,r,0.27,101,sessionOutcome,client,client,rri-c-sf,srs,higherIsBetter,betweenClient,,yes,41.5\n"
                  "csv-one,e2,csv-one,Fixture csv,2019,\"Study of the fixture, by CSV\",primary,r,0.24,99,sessionOutcome,client,client,rri-c-sf,ses,higherIsBetter,betweenClient,,yes,41.5\n"
                  "csv-two,e1,csv-two,Fixture csv,2021,Another by CSV,primary,partialR,,60,treatmentOutcome,client,client,rri-c,oq-45,higherIsWorse,betweenClient,age;sex,no,\n"
                  .replace("statistic.n,", "statistic.n,statistic.covariates,").replace("0.27,101,", "0.27,101,,").replace("0.24,99,", "0.24,99,,").replace("partialR,,60,", "partialR,-0.19,60,2,"),
                  media="text/csv")
    yield message(0, "several-effects-of-a-sample", "evidence", "/studies", study(
        "dependent", effect(r(0.62, 300), "long", relationshipReliability=0.97, outcomeReliability=0.88), effect(r(0.58, 300), "short", relationshipMeasure="rri-c-12", relationshipReliability=0.95),
        effect(r(0.49, 290), "session", outcomeType="sessionOutcome", outcomeMeasure="ses"), effect(r(-0.31, 300), "therapist", relationshipRater="therapist", outcomeDirection="higherIsWorse"),
        effect(r(0.2, 60), "scale", "dependent-second", relationshipScale="genuineness"), year=2023, country="IT", design="concurrent"))
    yield message(0, "a-sample-of-two-studies", "evidence", "/studies", study(
        "same-sample", effect(r(0.35, 300), "later", "dependent", outcomeType="followUp", timing="late"), year=2024, country="IT"))
    yield message(0, "looks-alike", "evidence", "/studies", study("alike", effect(r(0.15, 88)), year=2006, country="US"))
    for i, (value, n) in enumerate([(0.22, 400), (0.31, 260), (0.12, 350)]):
        yield message(0, f"within-clients-{i + 1}", "evidence", "/studies", study(
            f"within-{i + 1}", effect(r(value, n), level="withinClient", outcomeType="sessionOutcome", outcomeMeasure="srs"),
            *([effect(r(0.4, 60), "between", outcomeType="sessionOutcome", outcomeMeasure="srs")] if i == 0 else []), year=2015 + i))
    yield message(0, "between-therapists", "evidence", "/studies", study(
        "therapists-1", effect(r(0.45, 28), level="betweenTherapist"), effect(r(0.39, 28), "progress", level="betweenTherapist", outcomeType="treatmentProgress"), year=2017))
    yield message(0, "reference-range", "evidence", "/studies", study(
        "range-1", effect({"type": "range", "from": 0.1, "to": 0.5, "k": 7}, outcomeType=None, relationshipRater=None, outcomeRater=None), kind="reference"))
    yield message(0, "synthetic", "evidence", "/studies", study("synthetic-1", effect(r(0.5, 40)), effect(r(0.45, 40), "second", outcomeMeasure="ors"), synthetic=True))
    yield message(0, "site-summary", "clinic-b", "/studies", study(
        "summary-b", effect(r(0.33, 140), relationshipMeasure="rri-t", relationshipRater="therapist", outcomeMeasure="ors"), kind="siteSummary", year=2025))
    yield message(0, "with-idempotency-key", "evidence", "/studies", study("idempotent", effect(r(0.29, 77)), year=2011), resend=False, **{"Idempotency-Key": "fixture-1"})
    replaced = [study("replaced", effect(r(value, 90)), *more, year=2012) for value, more in ((0.55, []), (0.35, []), (0.37, [effect(r(0.3, 90), "added", outcomeMeasure="gad-7")]))]
    yield message(0, "replaced-1", "evidence", "/studies", replaced[0], resend=False)
    for i in (1, 2):
        yield message(0, f"replaced-{i + 1}", "evidence", "/studies/replaced", replaced[i], method="PUT", resend=i == 2, **{"If-Match": "*"})
    for key in ("retracted", "retracted-later"):
        yield message(0, key, "evidence", "/studies", study(key, effect(r(0.8, 120)), year=2010), resend=False)
    yield message(0, "retract", "evidence", "/studies/retracted", None, method="DELETE", resend=False, **{"If-Match": "*"})


def reviewed():
    yield message(2, "retract-later", "evidence", "/studies/retracted-later", None, method="DELETE", resend=False, **{"If-Match": "*"})
    yield message(2, "pending", "clinic-b", "/studies", study("pending", effect(r(0.66, 50)), year=2025))
    yield message(2, "to-review", "clinic-b", "/studies", study("reviewed", effect(r(0.18, 210)), year=2024))
    yield message(2, "review", "evidence", "/studies/reviewed/review", None, media=None, resend=False)
    yield message(2, "pending-version", "evidence", "/studies/idempotent", study("idempotent", effect(r(0.25, 77)), year=2011), method="PUT", **{"If-Match": "*"})


# ---- Instruments

def instruments():
    yield message(0, "key-of-ses", "clinic-a", "/instruments", {"code": "ses", "items": {"count": 5, "minimum": 1, "maximum": 5}, "reversed": []})
    yield message(0, "key-of-com", "clinic-b", "/instruments", {"code": "com", "items": {"count": 4, "minimum": 1, "maximum": 5}, "reversed": [4]})
    yield message(0, "key-of-therapist-form", "clinic-b", "/instruments", {
        "code": "rri-t-sf", "items": {"count": 12, "minimum": 1, "maximum": 5}, "reversed": [3, 5], "scales": [{"name": "total", "aggregation": "mean"}]})
    own = {
        "code": "clinic-wellbeing", "name": "Wellbeing, five items (example)", "construct": "treatmentOutcome", "raters": ["client"], "direction": "better",
        "items": {"count": 5, "minimum": 0, "maximum": 4}, "reversed": [2], "scales": [{"name": "total", "aggregation": "sum"}, {"name": "part", "aggregation": "mean", "items": [1, 3]}],
        "missing": {"rule": "prorate", "atMost": 1}, "codings": [{"system": "https://clinic.example/scores", "code": "wellbeing"}]}
    yield message(0, "own-instrument", "clinic-a", "/instruments", own, resend=False)
    yield message(2, "own-instrument-second-version", "clinic-a", "/instruments", {**own, "name": "Wellbeing, five items (example, second version)"})
    yield message(1, "own-instrument-again", "clinic-b", "/instruments", {
        "code": "clinic-wellbeing", "name": "Wellbeing, three lines (example)", "construct": "treatmentProgress", "raters": ["client", "therapist"], "direction": "better", "items": {"count": 3, "minimum": 0, "maximum": 10, "decimals": True},
        "reversed": [], "scales": [{"name": "total", "aggregation": "mean"}]})
    yield message(1, "key-of-oq-45", "clinic-a", "/instruments", {"code": "oq-45", "scales": [
        {"name": "symptomDistress", "aggregation": "sum", "items": list(range(1, 26))}, {"name": "interpersonalRelations", "aggregation": "sum", "items": list(range(26, 37))}, {"name": "socialRole", "aggregation": "sum", "items": list(range(37, 46))}]})


# ---- Sessions

def measure(source, instrument, version=1, status="final", rater="client", **members):
    return {"sourceId": source, "version": version, "status": status, "instrument": instrument, "rater": rater, **members}


def session(system, patient, therapist, number, *measures, day=None, **members):
    return {"sourceSystem": system, "patient": patient, "therapist": therapist, "session": f"{patient}-s{number}", "sessionNumber": number,
            "occurredAt": f"2026-{1 + number // 4:02}-{1 + (day or number * 7) % 28:02}T10:00:00+01:00", "measures": list(measures), **members}


def whole(low, high, wanted):
    return max(low, min(high, round(wanted)))


def tenth(low, high, wanted):
    return max(low, min(high, round(wanted, 1)))


class Person:
    """Somebody whose bond and outcome go together."""

    def __init__(self, key, therapist, centre=0.0):
        self.key, self.therapist = key, therapist
        self.bond = RANDOM.gauss(centre, 0.6)
        self.gain = 0.5 * self.bond + RANDOM.gauss(0, 0.5)

    def bond_at(self, number):
        return tenth(1, 5, 3.4 + 0.8 * self.bond + 0.1 * number + RANDOM.gauss(0, 0.3))

    def good(self, low, high, number):
        return (low + high) / 2 + (high - low) * (0.14 * self.gain + 0.02 * number) + RANDOM.gauss(0, (high - low) * 0.06)


CLINIC_A = [Person(f"p-{i:02}", f"t-{i % 4}", 0.25 * (i % 4)) for i in range(1, 32)]
CLINIC_B = [Person(f"b-{i:02}", f"u-{i % 3}", 0.2 * (i % 3)) for i in range(1, 15)]


def of_clinic_a(person, numbers, index):
    """Bond and session outcome, as items of the forms for some, as scores for others."""
    for number in numbers:
        source = f"{person.key}-{number}"
        well = [tenth(0, 10, person.good(0, 10, number)) for _ in range(4)]
        srs = {"items": well} if index % 3 else {"score": round(sum(well), 1)}
        more = []
        if index in (2, 3, 5, 7):
            more = [measure(f"{source}-oq", "oq-45", items=[whole(0, 4, 4 - person.good(0, 4, number)) for _ in range(45)])]
        elif index in (4, 6):
            more = [measure(f"{source}-ses", "ses", items=[whole(1, 5, person.good(1, 5, number)) for _ in range(5)]),
                    measure(f"{source}-wai", "wai-sr", scale="bond", aggregation="mean", score=tenth(1, 5, person.bond_at(number)))]
        elif index == 8:
            more = [measure(f"{source}-core", "core-10", items=[None if i == 4 else whole(0, 4, 4 - person.good(0, 4, number)) for i in range(10)]),
                    measure(f"{source}-own", "clinic-wellbeing", items=[1, 2, 3, None, 4])]
        yield session("rom-one", person.key, person.therapist, number, measure(f"{source}-rr", "rri-c-sf", score=person.bond_at(number)), measure(f"{source}-srs", "srs", **srs), *more)


def sessions_of_clinic_a():
    for stage, people in ((0, CLINIC_A[:6]), (1, CLINIC_A[6:13])):
        for index, person in enumerate(people, 1 if stage == 0 else 7):
            rows = list(of_clinic_a(person, (1, 2, 3) if index < 10 else (1, 2), index))
            yield message(stage, f"sessions-{person.key}", "clinic-a", "/sessions", rows[0] if len(rows) == 1 else rows)


def later_sessions_of_clinic_a():
    rows = [row for index, person in enumerate(CLINIC_A[13:], 14) for row in of_clinic_a(person, (1, 2), index)]
    yield message(2, "sessions-by-lines", "clinic-a", "/sessions", lines(rows), media="application/x-ndjson")


def sessions_of_clinic_b():
    rows = []
    for index, person in enumerate(CLINIC_B):
        for number in (1, 3, 5):
            source = f"{person.key}-{number}"
            measures = [measure(f"{source}-rr", "rri-c-sf", score=person.bond_at(number))] if number == 3 else []
            if number != 3:
                measures += [measure(f"{source}-core", "core-10", items=[whole(0, 4, 4 - person.good(0, 4, number)) for _ in range(10)])]
            if index == 0:
                measures += [measure(f"{source}-phq", "phq-9", score=whole(0, 27, 27 - person.good(0, 27, number)), aggregation="sum"),
                             measure(f"{source}-com", "com", score=3.5 if number == 1 else 4.0, rater="therapist"),
                             measure(f"{source}-rrt", "rri-t-sf", score=person.bond_at(number), rater="therapist")]
            rows.append(session("praxis", person.key, None if index == 13 else person.therapist, number, *measures, episode=f"e-{person.key}"))
    erased_later = [row for row in rows if row["patient"] == "b-02"]
    yield message(1, "sessions-of-clinic-b", "clinic-b", "/sessions", [row for row in rows if row not in erased_later], **{"Idempotency-Key": "\"fixture-2\""})
    yield message(1, "sessions-b-02", "clinic-b", "/sessions", erased_later)


def in_the_background():
    """Faulty lines among good ones: taken over whole, answered with 202."""
    good = [session("ehr-two", "p-01", "t-1", number, measure(f"late-{number}", "ors", items=[6.1, 5.5, 7.0, 6.6]), day=number) for number in (4, 5)]
    faulty = session("ehr-two", "p-02", "t-1", 4, measure("faulty-1", "phq-9", score=99), measure("good-1", "gad-7", score=8))
    unread = {"sourceSystem": "ehr-two", "patient": "p-02", "measures": [], "unknown": 1}
    yield message(1, "in-the-background", "clinic-a", "/sessions", lines([good[0], faulty, unread, good[1]]), media="application/x-ndjson", resend=False, Prefer="respond-async")
    yield message(1, "in-the-background-again", "clinic-a", "/sessions", lines(good), media="application/x-ndjson")


def versions():
    """Corrected, taken back, held, late, and in any order."""
    def one(name, *measures, number=1, patient="p-03", stage=1):
        return message(stage, name, "clinic-a", "/sessions", session("ehr-two", patient, "t-2", number, *measures))

    def back(source, version=1):
        return {"sourceId": source, "version": version, "status": "enteredInError"}

    yield one("first-version", measure("v-1", "phq-9", score=14))
    yield one("corrected", measure("v-1", "phq-9", version=2, status="corrected", score=12))
    yield one("third-version-first", measure("v-2", "gad-7", version=3, status="amended", score=9))
    yield one("second-version-late", measure("v-2", "gad-7", version=2, score=10))
    yield one("to-be-taken-back", measure("v-3", "ors", score=21.5), measure("v-4", "gad-7", score=3))
    yield message(1, "taken-back", "clinic-a", "/sessions", {"sourceSystem": "ehr-two", "measures": [back("v-3")]})
    yield message(1, "taken-back-before", "clinic-a", "/sessions", {"sourceSystem": "ehr-two", "measures": [back("v-5", 2)]})
    yield one("the-original-after", measure("v-5", "phq-9", score=5), number=2)
    for status in ("preliminary", "inProgress", "registered", "stopped", "cancelled", "unknown"):
        yield one(f"held-{status.lower()}", measure(f"held-{status}", "gad-7", status=status, score=7), number=3)
    yield message(1, "other-therapist", "clinic-a", "/sessions", session("rom-one", "p-06", "t-3", 4, measure("p-06-4-rr", "rri-c-sf", score=4.1), measure("p-06-4-srs", "srs", score=31.5)))
    yield message(1, "without-a-session", "clinic-a", "/sessions", {
        "sourceSystem": "rom-one", "patient": "p-07", "occurredAt": "2026-04-01T09:30:00.123Z", "measures": [measure("p-07-x", "csq-8", score=28, aggregation="sum")]})
    yield one("items-printed-keyed", measure("csq-items", "csq-8", items=[3, 4, 3, 3, 2, 4, 3, 3]), measure("core-om-items", "core-om", items=[i % 5 for i in range(34)]),
              measure("core-10-items", "core-10", items=[1, 3, 2, 0, 1, 2, 1, 0, 2, 1]), measure("oq-45-items", "oq-45", items=[i % 5 for i in range(45)]), number=5)
    yield message(1, "one-measure-of-p-09", "clinic-a", "/sessions", session("rom-one", "p-09", "t-1", 4, measure("p-09-4-srs", "srs", score=30.5)))
    yield message(1, "released-and-taken-back", "clinic-a", "/sessions", {"sourceSystem": "rom-one", "measures": [
        back(f"{CLINIC_A[11].key}-{number}-{kind}") for number in (1, 2) for kind in ("rr", "srs")]})


def fhir():
    patient, practitioner = {"reference": "Patient/p-05"}, {"reference": "Practitioner/t-1"}

    def observation(source, instrument, score, **members):
        return {"resourceType": "Observation", "meta": {"source": "ehr-two", "versionId": "1"}, "identifier": [{"value": source}], "status": "final",
                "code": {"coding": [{"system": "urn:realrelationship:instruments", "code": instrument}]}, "subject": patient, "encounter": {"reference": "Encounter/enc-9"},
                "performer": [patient, practitioner], "effectiveDateTime": "2026-03-22T10:00:00+01:00", "valueQuantity": {"value": score}, **members}

    def response(source, questionnaire, items):
        return {"resourceType": "QuestionnaireResponse", "meta": {"source": "ehr-two", "versionId": "1"}, "identifier": {"value": source}, "status": "completed",
                "questionnaire": questionnaire, "subject": patient, "encounter": {"reference": "Encounter/enc-9"}, "source": patient, "author": practitioner,
                "authored": "2026-03-22T09:50:00+01:00", "item": items}

    media = "application/fhir+json"
    yield message(1, "observation", "clinic-a", "/fhir/Observation", observation("obs-1", "rri-c-sf", 4.2), media=media)
    yield message(1, "response", "clinic-a", "/fhir/QuestionnaireResponse", response("response-1", "http://loinc.org/q/69737-5", [
        {"linkId": f"/{code}", "answer": [{"valueInteger": value}]} for code, value in
        (("69725-0", 1), ("68509-9", 0), ("69733-4", 2), ("69734-2", 1), ("69735-9", 0), ("69689-8", 1), ("69736-7", 0))]), media=media)
    answered = "urn:uuid:6f1c0d0e-7a35-4b0a-9a52-2f1f6f4d8a01"
    yield message(1, "transaction", "clinic-a", "/fhir", {"resourceType": "Bundle", "type": "transaction", "meta": {"source": "ehr-two"}, "entry": [
        {"fullUrl": answered, "resource": response("response-2", "https://ehr.example.org/Questionnaire/ors", [
            {"linkId": f"q{i + 1}", "answer": [{"valueDecimal": value}]} for i, value in enumerate((7.1, 6.0, 8.2, 7.7))]), "request": {"method": "POST", "url": "QuestionnaireResponse"}},
        {"resource": observation("obs-2", "ors", 29.0, derivedFrom=[{"reference": answered}]), "request": {"method": "POST", "url": "Observation"}}]}, media=media)
    yield message(1, "batch-of-core", "clinic-a", "/fhir", {"resourceType": "Bundle", "type": "batch", "meta": {"source": "ehr-two"}, "entry": [
        {"resource": response("response-3", "https://ehr.example.org/Questionnaire/core-10", [
            {"linkId": f"q{i + 1}", "answer": [{"valueInteger": value}]} for i, value in enumerate((1, 3, 4, 0, 2, 1, 1, 0, 2, 1))]), "request": {"method": "POST", "url": "QuestionnaireResponse"}}]}, media=media)


def erased(stage, name, tenant, system, patient):
    return message(stage, name, tenant, "/erasures", {"sourceSystem": system, "patient": patient})


def all_messages(demo_folder):
    yield from studies(demo_folder)
    yield from instruments()
    yield from sessions_of_clinic_a()
    yield from sessions_of_clinic_b()
    yield from in_the_background()
    yield from versions()
    yield from fhir()
    yield erased(1, "erase-first", "clinic-a", "rom-one", "p-09")
    yield from reviewed()
    yield from later_sessions_of_clinic_a()
    yield erased(2, "erase-of-clinic-b", "clinic-b", "praxis", "b-02")


def messages_after_backup():
    yield erased(2, "erase-after-the-backup", "clinic-a", "rom-one", "p-10")


IMPORTED = [study("imported-1", effect(r(0.26, 134)), effect(r(0.21, 134), "progress", outcomeType="treatmentProgress"), year=2014),
            study("imported-2", effect({"type": "t", "value": 1.8, "df": 80}, outcomeMeasure="core-om"), year=2016, country="DK")]
