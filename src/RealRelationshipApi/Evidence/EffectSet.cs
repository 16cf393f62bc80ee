using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Effects that were left out, by reason.</summary>
/// <param name="Reason">retracted, pending, the filter that left them out, or moderatorMissing.</param>
/// <param name="Count">How many effects.</param>
/// <param name="Moderator">The breakdown that they are missing from.</param>
internal sealed record Exclusion(string Reason, int Count, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Moderator = null);

/// <summary>A cell of session data whose number is withheld.</summary>
internal sealed record SuppressedCell(string Cell, string Reason);

/// <summary>A kind of effects that a cautious reader might leave out.</summary>
/// <param name="SubsetName">What is left without them: <c>withoutConverted</c> and so on.</param>
/// <param name="Excludes">Whether an effect of the set is of this kind.</param>
internal sealed record SensitivityExclusion(string SubsetName, Func<int, bool> Excludes);

/// <summary>The effects that a question is about, from the store or from the body: columns of equal length.</summary>
internal sealed class EffectSet
{
    public required string[] Ids { get; init; }

    public required string[] Studies { get; init; }

    public required string[] Samples { get; init; }

    public required double[] Estimates { get; init; }

    public required double[] Variances { get; init; }

    /// <summary>Id and sample of each effect as its sender named them, null where we did so by its place; absent when all are the sender's own.</summary>
    public (string? Id, string? Sample)[]? OriginalNames { get; init; }

    /// <summary>Participants; null where they are not known.</summary>
    public required double?[] Participants { get; init; }

    /// <summary>Reliability of the relationship measure; null where it is not known.</summary>
    public required double?[] RelationshipReliabilities { get; init; }

    /// <summary>Reliability of the outcome measure; null where it is not known.</summary>
    public required double?[] OutcomeReliabilities { get; init; }

    /// <summary>Year of publication; null where it is not known.</summary>
    public required long?[] Years { get; init; }

    /// <summary>What each effect's study is cited as; null for effects of the body.</summary>
    public Citation[]? Citations { get; init; }

    /// <summary>Names of the free moderators in the evidence that the effects come from.</summary>
    public IReadOnlyList<string> FreeModerators { get; init; } = [];

    /// <summary>Published pooled results to show beside these effects.</summary>
    public IReadOnlyList<StudyRecord> References { get; init; } = [];

    /// <summary>Kinds of effects that a cautious reader might leave out, each with a test for it.</summary>
    public IReadOnlyList<SensitivityExclusion> SensitivityExclusions { get; init; } = [];

    /// <summary>How many effects there were before any was left out.</summary>
    public required int Given { get; init; }

    public IReadOnlyList<Exclusion> Excluded { get; init; } = [];

    /// <summary>Cells of sites that the question is about, and that may not be told yet.</summary>
    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    /// <summary>What a reader should know of these effects, whatever is computed from them.</summary>
    public IReadOnlyList<Warning> Warnings { get; init; } = [];

    /// <summary>The values of a moderator; null when no effect has one of that name.</summary>
    public required Func<string, ModeratorValue?[]?> ModeratorValues { get; init; }

    /// <summary>The evidence revision they come from; null for effects of the body.</summary>
    public long? Revision { get; init; }

    public DateTimeOffset? RecordedAt { get; init; }

    public int Count => Ids.Length;

    public bool IsStored => Revision is not null;

    public bool HasSeveralSamples => Samples.Distinct(StringComparer.Ordinal).Skip(1).Any();

    public bool HasDependentEffects => Samples.ToHashSet(StringComparer.Ordinal).Count < Samples.Length;

    /// <summary>What became of the effects, where none is left.</summary>
    public string EmptyReason => (Given == 0
        ? "There is no effect in the evidence."
        : $"No effect is left: {string.Join(", ", Excluded.Select(e => $"{e.Count} by {e.Reason}"))}.")
        + (Suppressed.Count == 0 ? "" : $" Of sites' sessions {Suppressed.Count} {(Suppressed.Count == 1 ? "cell is" : "cells are")} suppressed.");

    /// <summary>SHA-256 over the effects in an order of their own: equal sets have equal fingerprints, however they were asked for.</summary>
    public string Fingerprint()
    {
        var effects = new string[Count];
        for (var i = 0; i < effects.Length; i++)
        {
            effects[i] = CanonicalLine(i);
        }

        Array.Sort(effects, StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(effects.Max(effect => (int?)effect.Length) ?? 0));
        foreach (var effect in effects)
        {
            hash.AppendData(bytes, 0, Encoding.UTF8.GetBytes(effect, bytes));
        }

        ArrayPool<byte>.Shared.Return(bytes);
        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private string CanonicalLine(int i)
    {
        var (id, sample) = OriginalNames?[i] ?? (Ids[i], Samples[i]);
        return string.Create(CultureInfo.InvariantCulture, $"{id}\u001f{sample}\u001f{Estimates[i]:R}\u001f{Variances[i]:R}\u001f{Participants[i]:R}\u001e");
    }
}
