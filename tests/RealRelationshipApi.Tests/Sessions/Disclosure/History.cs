using System.Text.Json.Nodes;

namespace RealRelationshipApi.Tests.Sessions.Disclosure;

/// <summary>A random history of a site, the same for the same seed: patients come, go on, are corrected, withdrawn, sent again, erased, and change therapist or key.</summary>
internal sealed class History(int seed)
{
    private const int Therapists = 12;

    private readonly Random _chance = new(seed);
    private readonly List<Patient> _patients = [];
    private int _keys;

    /// <summary>What is sent next: one to three messages.</summary>
    public JsonObject[] Next() => [.. Enumerable.Range(0, _chance.Next(1, 4)).SelectMany(_ => Message())];

    /// <summary>Now and then somebody asks to be erased, and is sent on as if he had not.</summary>
    public JsonObject? NextErasure() => _patients.Count > 4 && _chance.Next(12) == 0 ? new() { ["sourceSystem"] = Messages.System, ["patient"] = Pick().Key } : null;

    private IEnumerable<JsonObject> Message() => (_patients.Count < 4 ? 0 : _chance.Next(20)) switch
    {
        <= 9 => Arrival(),
        <= 11 => Pick() is var p ? [Send(p, p.Sessions + 1, p.Therapist)] : [],
        12 or 13 => Pick() is var p ? [Send(p, _chance.Next(1, p.Sessions + 1), p.Therapist)] : [],
        14 or 15 => Withdrawal(Pick()),
        16 => Return(Pick()),
        17 or 18 => Move(Pick()),
        _ => Rekey(Pick()),
    };

    private JsonObject[] Arrival()
    {
        // Some come to a therapist of their own, and some to nobody known.
        var patient = new Patient($"p{++_keys}", _chance.Next(12) switch { 0 => null, 1 => $"alone{_keys / 2}", _ => $"t{_chance.Next(Therapists)}" }, _chance.NextDouble() < 0.3, _chance.NextDouble() * 2 - 1);
        _patients.Add(patient);
        return [.. Enumerable.Range(1, _chance.Next(1, 5)).Select(n => Send(patient, n, patient.Therapist))];
    }

    private static JsonObject[] Withdrawal(Patient patient) =>
        [.. Enumerable.Range(1, patient.Sessions).SelectMany(n => new[] { "x", "y" }.Select(kind => Messages.Withdrawal($"{patient.Measures}.{n}.{kind}", patient.Version)))];

    private JsonObject[] Return(Patient patient) => [.. Enumerable.Range(1, patient.Sessions).Select(n => Send(patient, n, patient.Therapist))];

    private JsonObject[] Move(Patient patient)
    {
        patient.Therapist = $"t{_chance.Next(Therapists)}";
        return Return(patient);
    }

    // Two records of a system turn out to be one patient's, or one to be of somebody else.
    private JsonObject[] Rekey(Patient patient)
    {
        patient.Key = _chance.Next(2) == 0 ? patient.Measures : $"p{++_keys}";
        return Return(patient);
    }

    private JsonObject Send(Patient patient, int number, string? therapist)
    {
        patient.Sessions = Math.Max(patient.Sessions, number);
        patient.Version++;
        double Score(double middle, double spread, double low, double high) => Math.Round(Math.Clamp(middle + spread * (patient.Level + _chance.NextDouble() * 2 - 1), low, high), 2);
        List<JsonObject> measures =
        [
            Messages.Measure($"{patient.Measures}.{number}.x", "rri-c-sf", Score(3.5, 0.7, 1, 5), version: patient.Version),
            Messages.Measure($"{patient.Measures}.{number}.y", "srs", Score(28, 6, 0, 40), version: patient.Version),
        ];
        if (patient.IsAskedMore || number is 1 or 4)
        {
            measures.Add(Messages.Measure($"{patient.Measures}.{number}.z", "phq-9", Math.Round(Score(12, -6, 0, 27)), version: patient.Version));
            measures.Add(Messages.Measure($"{patient.Measures}.{number}.o", "rri-t", Score(3.5, 0.7, 1, 5), "therapist", patient.Version));
        }

        return Messages.Session(patient.Key, therapist, number, [.. measures]);
    }

    private Patient Pick() => _patients[_chance.Next(_patients.Count)];

    private sealed class Patient(string key, string? therapist, bool isAskedMore, double level)
    {
        public string Measures { get; } = key;

        public string Key { get; set; } = key;

        public string? Therapist { get; set; } = therapist;

        public bool IsAskedMore => isAskedMore;

        public double Level => level;

        public int Sessions { get; set; }

        public int Version { get; set; }
    }
}
