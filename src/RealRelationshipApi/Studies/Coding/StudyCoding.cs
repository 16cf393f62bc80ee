using System.Text.Json.Serialization;

using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>A stored coding of a study by one coder.</summary>
internal sealed record StudyCoding
{
    /// <summary>Key of the study.</summary>
    public required string Study { get; init; }

    /// <summary>Name or initials of the coder.</summary>
    public required string Coder { get; init; }

    /// <summary>When it was coded.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Design of the study, as coded; null if not.</summary>
    public required StudyDesign? Design { get; init; }

    /// <summary>The effects as they were coded, with what they convert to.</summary>
    public required IReadOnlyList<EffectRecord> Effects { get; init; }

    /// <summary>Number of this version, from 1; earlier ones stay in the store.</summary>
    public required long Version { get; init; }

    /// <summary>When it was stored.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>Who sent it; for the tenants of the study and of the coding, and for reviewers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StudyAuthor? ChangedBy { get; init; }
}

/// <summary>The codings of a study by further coders.</summary>
/// <param name="Codings">The latest one of each coder, sorted by coder.</param>
internal sealed record StudyCodingsResponse(IReadOnlyList<StudyCoding> Codings);
