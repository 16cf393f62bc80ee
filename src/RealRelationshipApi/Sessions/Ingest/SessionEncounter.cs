using System.Text.Json;
using System.Text.Json.Serialization;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>What an encounter says about its session.</summary>
/// <param name="Sessions">The keys by which scores may refer to it.</param>
/// <param name="Patient">The patient.</param>
/// <param name="Version">The higher of two versions counts.</param>
/// <param name="Content">Therapist, treatment and number of the session.</param>
internal sealed record SessionEncounter(IReadOnlyList<EncounterSession> Sessions, Pseudonym Patient, long Version, EncounterContent Content);

/// <summary>A key of the session of an encounter.</summary>
/// <param name="Key">Its pseudonym.</param>
/// <param name="Linked">The keys of patient, session and therapist in the source systems that share them; null if none does.</param>
internal sealed record EncounterSession(Pseudonym Key, LinkedKeys? Linked);

/// <summary>The encrypted content of an encounter.</summary>
internal sealed record EncounterContent
{
    /// <summary>Version and patient of the row, so that another's are noticed.</summary>
    public long? Version { get; init; }

    /// <inheritdoc cref="Version"/>
    public byte[]? Patient { get; init; }

    public byte[]? Therapist { get; init; }

    public byte[]? Episode { get; init; }

    public long? SessionNumber { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, EncounterJsonContext.Default.EncounterContent);

    public static EncounterContent FromBytes(byte[] bytes) => JsonSerializer.Deserialize(bytes, EncounterJsonContext.Default.EncounterContent)!;
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EncounterContent))]
internal sealed partial class EncounterJsonContext : JsonSerializerContext;
