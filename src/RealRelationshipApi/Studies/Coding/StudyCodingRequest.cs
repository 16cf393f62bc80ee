using System.Text.Json;

using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Search;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>What another coder read from the publication of a study, independently of the study's own coding.</summary>
internal sealed record StudyCodingRequest
{
    /// <summary>Name or initials of the coder; case and accents do not count. Another one than in <c>coding.coder</c> of the study's effects.</summary>
    public required string Coder { get; init; }

    /// <summary>Day of the coding.</summary>
    public required DateOnly Date { get; init; }

    /// <summary>Design of the study, if it was coded; otherwise it is not compared.</summary>
    public StudyDesign? Design { get; init; }

    /// <summary>The effects as in a study, best with the keys of its effects: those with the same key are compared.</summary>
    public required IReadOnlyList<EffectRequest> Effects { get; init; }

    /// <summary>Name of the coder as it is compared.</summary>
    internal static string IdOf(string coder) => string.Join(' ', SearchText.Normalize(coder).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Canonical JSON; equal codings have equal text.</summary>
    internal string ToCanonicalJson() => JsonSerializer.Serialize(this with { Effects = Study.Canonicalize(Effects) }, Study.CanonicalOptions);
}
