using RealRelationship.Storage.Encryption;

using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>What the measurements of one request are read with.</summary>
internal sealed class IntakeContext(Sender sender, InstrumentSet instruments, SourceDeclarations sources, PrivacyKey privacy)
{
    private readonly Dictionary<string, string> _provenances = new(StringComparer.Ordinal);

    public Sender Sender => sender;

    public string Tenant => sender.Tenant;

    /// <summary>The instruments of the tenant, also by the names that its systems have for them.</summary>
    public InstrumentSet Instruments { get; } = instruments;

    /// <summary>The instruments of the tenant without those names.</summary>
    public InstrumentSet UndeclaredInstruments { get; init; } = instruments;

    public SourceDeclarations Sources => sources;

    public PseudonymGenerator Pseudonyms(string sourceSystem) => new(privacy, Tenant, sourceSystem);

    /// <summary>Whether patients are told apart by their provenance.</summary>
    public bool HasProvenance { get; init; } = true;

    /// <inheritdoc cref="Provenance"/>
    public string? ProvenanceOf(string sourceSystem)
    {
        if (!HasProvenance)
        {
            return null;
        }

        if (!_provenances.TryGetValue(sourceSystem, out var provenance))
        {
            _provenances.Add(sourceSystem, provenance = Provenance.Of(privacy, Tenant, sender.Lineage, sourceSystem));
        }

        return provenance;
    }

    // The therapist of sessions that name none; none unless the site declared one.
    private Pseudonym DefaultTherapistOf(string sourceSystem) => Pseudonyms(sourceSystem).Therapist(sources.Find(sourceSystem)?.Therapist);

    /// <summary>What an encounter says, pseudonymised and with the default therapist.</summary>
    public EncounterContent ContentOf(EncounterKeys encounter, string sourceSystem)
    {
        var pseudonyms = Pseudonyms(sourceSystem);
        return new()
        {
            Therapist = encounter.Therapist is { } therapist ? pseudonyms.Therapist(therapist).Bytes : DefaultTherapistOf(sourceSystem).Bytes,
            Episode = pseudonyms.Episode(encounter.Episode).Bytes, SessionNumber = encounter.SessionNumber,
        };
    }

    /// <summary>The keys and the time that all measures of a session share.</summary>
    public SessionKeys KeysOf(SessionRequest session)
    {
        var system = session.SourceSystem!;
        var pseudonyms = Pseudonyms(system);
        var (therapist, episode) = (pseudonyms.Therapist(session.Therapist), pseudonyms.Episode(session.Episode));
        return new()
        {
            Pseudonyms = pseudonyms,
            Patient = session.Patient is { } patient ? pseudonyms.Patient(patient) : null,
            Therapist = therapist,
            DefaultTherapist = DefaultTherapistOf(system),
            TherapistWithEncounter = session.Therapist is null ? pseudonyms.Therapist(session.Encounter?.Therapist) : therapist,
            Episode = episode,
            EpisodeWithEncounter = session.Episode is null ? pseudonyms.Episode(session.Encounter?.Episode) : episode,
            Session = pseudonyms.Session(session.Session),
            OccurredAt = OccurredAt(session)?.ToUniversalTime(),
            CsvDay = session.CsvDay is { } day ? pseudonyms.CsvDay(day) : null,
            Encounter = session.Encounter is { } encounter ? ContentOf(encounter, system) : null,
            Linked = session.Patient is null ? null : LinkedKeysOf(session),
        };
    }

    // A day of a CSV file begins in the time zone of the file.
    private DateTimeOffset? OccurredAt(SessionRequest session) => session is { IsDay: true, CsvDay: null, OccurredAt: { } day }
        ? sources.StartOf(DateOnly.FromDateTime(day.UtcDateTime), session.SourceSystem!, sender.TimeZone) : session.OccurredAt;

    /// <summary>Keys of a session in all systems that share them with its own; null if none does.</summary>
    public LinkedKeys? LinkedKeysOf(SessionRequest session)
    {
        var systems = sources.GroupOf(session.SourceSystem!);
        if (systems.Count == 1)
        {
            return null;
        }

        var therapist = session.Therapist ?? session.Encounter?.Therapist ?? sources.Find(session.SourceSystem!)?.Therapist;
        var pseudonyms = systems.Select(Pseudonyms).ToList();
        return new([.. pseudonyms.Select(p => p.Patient(session.Patient!))],
            session.Session is null ? [] : [.. pseudonyms.Select(p => p.Session(session.Session))],
            therapist is null ? [] : [.. pseudonyms.Select(p => p.Therapist(therapist))]);
    }

    public KeyedHash CreateContentHash() => privacy.CreateHash(KeyPurposes.Measure);
}

/// <summary>What all measures of a session share.</summary>
internal sealed record SessionKeys
{
    /// <summary>Derives the keys of single measures.</summary>
    public required PseudonymGenerator Pseudonyms { get; init; }

    /// <summary>The patient; null if the session only withdraws.</summary>
    public required Pseudonym? Patient { get; init; }

    /// <summary>The therapist as sent.</summary>
    public required Pseudonym Therapist { get; init; }

    /// <summary>The therapist of sessions that name none.</summary>
    public required Pseudonym DefaultTherapist { get; init; }

    /// <summary>The therapist as sent, otherwise that of the encounter.</summary>
    public required Pseudonym TherapistWithEncounter { get; init; }

    /// <summary>The treatment as sent.</summary>
    public required Pseudonym Episode { get; init; }

    /// <summary>The treatment as sent, otherwise that of the encounter.</summary>
    public required Pseudonym EpisodeWithEncounter { get; init; }

    public required Pseudonym Session { get; init; }

    /// <summary>UTC; null if the session only withdraws.</summary>
    public required DateTimeOffset? OccurredAt { get; init; }

    /// <summary>Day of the row of a CSV file; null in other formats.</summary>
    public required Pseudonym? CsvDay { get; init; }

    /// <summary>What the encounter says; null without one.</summary>
    public required EncounterContent? Encounter { get; init; }

    /// <summary>The keys in the source systems that share them; null if none does.</summary>
    public required LinkedKeys? Linked { get; init; }
}
