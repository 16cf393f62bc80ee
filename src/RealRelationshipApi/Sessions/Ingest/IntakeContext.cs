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

    /// <summary>The therapist of sessions that name none; none unless the site declared one.</summary>
    public Pseudonym DefaultTherapistOf(string sourceSystem) => Pseudonyms(sourceSystem).Therapist(sources.Find(sourceSystem)?.Therapist);

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
