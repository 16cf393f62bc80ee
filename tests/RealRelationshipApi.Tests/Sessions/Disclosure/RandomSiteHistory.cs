using System.Text.Json.Nodes;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>A random history of a site, the same for the same seed: patients come, go on, are corrected, withdrawn, sent again, erased,
/// and change therapist or key.</summary>
internal sealed class RandomSiteHistory(int seed)
{
    private const int Therapists = 12;

    private readonly Random _random = new(seed);
    private readonly List<SimulatedPatient> _patients = [];
    private int _nextKey;

    /// <summary>What is sent next: one to three messages.</summary>
    public JsonObject[] NextMessages() => [.. Enumerable.Range(0, _random.Next(1, 4)).SelectMany(_ => RandomMessage())];

    /// <summary>Occasionally a patient is erased and then submitted again.</summary>
    public JsonObject? NextErasure() => _patients.Count > 4 && _random.Next(12) == 0
        ? new() { ["sourceSystem"] = SessionTestData.SourceSystem, ["patient"] = RandomPatient().Key } : null;

    private IEnumerable<JsonObject> RandomMessage() => (_patients.Count < 4 ? 0 : _random.Next(20)) switch
    {
        <= 9 => NewPatient(),
        <= 11 => RandomPatient() is var p ? [Send(p, p.Sessions + 1, p.Therapist)] : [],
        12 or 13 => RandomPatient() is var p ? [Send(p, _random.Next(1, p.Sessions + 1), p.Therapist)] : [],
        14 or 15 => Withdrawal(RandomPatient()),
        16 => ResendAll(RandomPatient()),
        17 or 18 => ChangeTherapist(RandomPatient()),
        _ => ChangeSourceKey(RandomPatient()),
    };

    private JsonObject[] NewPatient()
    {
        // Some patients have a therapist of their own, and some an unknown one.
        var patient = new SimulatedPatient($"p{++_nextKey}",
            _random.Next(12) switch { 0 => null, 1 => $"alone{_nextKey / 2}", _ => $"t{_random.Next(Therapists)}" }, _random.NextDouble() < 0.3,
            _random.NextDouble() * 2 - 1);
        _patients.Add(patient);
        return [.. Enumerable.Range(1, _random.Next(1, 5)).Select(n => Send(patient, n, patient.Therapist))];
    }

    private static JsonObject[] Withdrawal(SimulatedPatient patient) =>
        [.. Enumerable.Range(1, patient.Sessions)
            .SelectMany(n => new[] { "x", "y" }.Select(kind => SessionTestData.EnteredInError($"{patient.MeasureKeyPrefix}.{n}.{kind}", patient.Version)))];

    private JsonObject[] ResendAll(SimulatedPatient patient) => [.. Enumerable.Range(1, patient.Sessions).Select(n => Send(patient, n, patient.Therapist))];

    private JsonObject[] ChangeTherapist(SimulatedPatient patient)
    {
        patient.Therapist = $"t{_random.Next(Therapists)}";
        return ResendAll(patient);
    }

    // Two records turn out to belong to the same patient, or one to another patient.
    private JsonObject[] ChangeSourceKey(SimulatedPatient patient)
    {
        patient.Key = _random.Next(2) == 0 ? patient.MeasureKeyPrefix : $"p{++_nextKey}";
        return ResendAll(patient);
    }

    private JsonObject Send(SimulatedPatient patient, int number, string? therapist)
    {
        patient.Sessions = Math.Max(patient.Sessions, number);
        patient.Version++;
        double Score(double middle, double spread, double low, double high) =>
            Math.Round(Math.Clamp(middle + spread * (patient.Level + _random.NextDouble() * 2 - 1), low, high), 2);
        List<JsonObject> measures =
        [
            SessionTestData.Measure($"{patient.MeasureKeyPrefix}.{number}.x", "rri-c-sf", Score(3.5, 0.7, 1, 5), version: patient.Version),
            SessionTestData.Measure($"{patient.MeasureKeyPrefix}.{number}.y", "ses", Score(3.8, 0.6, 1, 5), version: patient.Version),
        ];
        if (patient.HasMoreMeasures || number is 1 or 4)
        {
            measures.Add(
                SessionTestData.Measure($"{patient.MeasureKeyPrefix}.{number}.z", "phq-9", Math.Round(Score(12, -6, 0, 27)), version: patient.Version));
            measures.Add(SessionTestData.Measure($"{patient.MeasureKeyPrefix}.{number}.o", "rri-t", Score(3.5, 0.7, 1, 5), "therapist", patient.Version));
        }

        return SessionTestData.Session(patient.Key, therapist, number, [.. measures]);
    }

    private SimulatedPatient RandomPatient() => _patients[_random.Next(_patients.Count)];

    private sealed class SimulatedPatient(string key, string? therapist, bool isAskedMore, double level)
    {
        public string MeasureKeyPrefix { get; } = key;

        public string Key { get; set; } = key;

        public string? Therapist { get; set; } = therapist;

        public bool HasMoreMeasures => isAskedMore;

        public double Level => level;

        public int Sessions { get; set; }

        public int Version { get; set; }
    }
}
