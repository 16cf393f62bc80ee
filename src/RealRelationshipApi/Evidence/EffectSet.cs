using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

using RealRelationship.Statistics;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Number of effects excluded for one reason.</summary>
/// <param name="Reason">retracted, pending, the name of the filter, partOfTotal, or moderatorMissing.</param>
/// <param name="Count">Number of effects.</param>
/// <param name="Moderator">The missing moderator.</param>
internal sealed record Exclusion(string Reason, int Count, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Moderator = null);

/// <summary>An association of a site that is not released.</summary>
/// <param name="Cell">The association.</param>
/// <param name="Reason">Why it is not released.</param>
internal sealed record SuppressedCell(string Cell, string Reason);

/// <summary>A kind of effects to exclude in sensitivity analyses.</summary>
/// <param name="SubsetName">Name of the remaining subset, such as <c>withoutConverted</c>.</param>
/// <param name="Excludes">Whether an effect of the set is of this kind.</param>
internal sealed record SensitivityExclusion(string SubsetName, Func<int, bool> Excludes);

/// <summary>The effects to analyse, from the store or from the body, as columns of equal length.</summary>
internal sealed record EffectSet
{
    private const int MaxSuggestions = 20;

    public required string[] Ids { get; init; }

    public required string[] Studies { get; init; }

    public required string[] Samples { get; init; }

    public required double[] Estimates { get; init; }

    public required double[] Variances { get; init; }

    /// <summary>Id and sample of each effect as sent, null if generated from its index; absent if all are as sent.</summary>
    public (string? Id, string? Sample)[]? OriginalNames { get; init; }

    /// <summary>Number of participants; null if unknown.</summary>
    public required double?[] Participants { get; init; }

    /// <inheritdoc cref="StoredEffect.Notes"/>
    public IReadOnlyList<string>[] Notes { get; init; } = [];

    /// <summary>Reliability of the relationship measure; null if unknown.</summary>
    public required double?[] RelationshipReliabilities { get; init; }

    /// <summary>Reliability of the outcome measure; null if unknown.</summary>
    public required double?[] OutcomeReliabilities { get; init; }

    /// <summary>Year of publication; null if unknown.</summary>
    public required long?[] Years { get; init; }

    /// <summary>Citation of each effect's study; null for effects in the body.</summary>
    public Citation[]? Citations { get; init; }

    /// <summary>Version of each effect's study; empty for effects in the body.</summary>
    public EvidenceVersion[] Versions { get; init; } = [];

    /// <summary>When the effects first became evidence; null unless it was asked for, and for effects in the body.</summary>
    public EvidenceEntries? Entries { get; init; }

    /// <summary>Risk of bias of each effect's study, null if not assessed; empty for effects in the body.</summary>
    public RiskOfBias?[] Assessments { get; init; } = [];

    /// <summary>Names of the additional moderators in the evidence.</summary>
    public IReadOnlyList<string> FreeModerators { get; init; } = [];

    /// <summary>Names of the moderators of effects in the body; null for stored ones.</summary>
    public Func<IEnumerable<string>>? ModeratorsOfBody { get; init; }

    /// <summary>Published pooled results for comparison.</summary>
    public IReadOnlyList<StudyRecord> References { get; init; } = [];

    /// <summary>Selected studies without a usable coefficient.</summary>
    public IReadOnlyList<StudyRecord> Registered { get; init; } = [];

    /// <summary>Kinds of effects to exclude in sensitivity analyses.</summary>
    public IReadOnlyList<SensitivityExclusion> SensitivityExclusions { get; init; } = [];

    /// <summary>The stored effects alone, if hypothetical ones were added, which are the last; otherwise null.</summary>
    public EffectSet? WithoutHypothetical { get; init; }

    /// <summary>Number of effects before any was excluded.</summary>
    public required int Given { get; init; }

    public IReadOnlyList<Exclusion> Excluded { get; init; } = [];

    /// <summary>Selected associations of sites that are not released.</summary>
    public IReadOnlyList<SuppressedCell> Suppressed { get; init; } = [];

    /// <summary>Warnings about these effects that apply to all analyses.</summary>
    public IReadOnlyList<Warning> Warnings { get; init; } = [];

    /// <summary>The error for a moderator that no effect has, with the name that may have been meant.</summary>
    /// <param name="pointer">The request member that names it.</param>
    /// <param name="name">The unknown name.</param>
    public FieldError UnknownModerator(string pointer, string name)
    {
        string[] known = [.. ModeratorsOfBody?.Invoke()
            ?? EvidenceSnapshot.ModeratorFields.Concat(FreeModerators.Select(free => EvidenceSnapshot.FreeModeratorPrefix + free))];
        var hint = name.Contains(',', StringComparison.Ordinal) ? "; name each on its own, as in ?by=outcomeType&by=year"
            : SimilarNames.Suggest(name, known, known.Length > 0 ? $"; moderators are {NameList.Of(known, MaxSuggestions)}" : "; no effect has a moderator");
        return new(pointer, "unknownModerator", $"no effect of this question has a moderator '{NameList.Of([name])}'{hint}");
    }

    /// <summary>Values of a moderator by name; null if no effect has it.</summary>
    public required Func<string, ModeratorValue?[]?> ModeratorValues { get; init; }

    /// <summary>Whether synthetic effects were selected, with <c>auto</c> resolved; null for effects in the body.</summary>
    public SyntheticChoice? Synthetic { get; init; }

    /// <summary>Evidence revision; null for effects in the body.</summary>
    public long? Revision { get; init; }

    public DateTimeOffset? RecordedAt { get; init; }

    public int Count => Ids.Length;

    /// <summary>Number of hypothetical effects.</summary>
    public int HypotheticalCount => Count - (WithoutHypothetical?.Count ?? Count);

    public bool IsStored => Revision is not null;

    /// <summary>A number for each sample.</summary>
    public NameNumbers SampleNumbers => Number(ref _sampleNumbers, Samples);

    /// <summary>A number for each study.</summary>
    public NameNumbers StudyNumbers => Number(ref _studyNumbers, Studies);

    public bool HasSeveralSamples => SampleNumbers.Count > 1;

    public bool HasDependentEffects => SampleNumbers.Count < Samples.Length;

    private NameNumbers? _sampleNumbers;
    private NameNumbers? _studyNumbers;
    private KnownFingerprint? _fingerprint;

    /// <summary>Why no effect is left.</summary>
    public string EmptyReason => (Given == 0
        ? "There is no effect in the evidence."
        : $"No effect is left: {string.Join(", ", Excluded.Select(e => $"{e.Count} by {e.Reason}"))}.")
        + (Suppressed.Count == 0 ? "" : $" Of sites' sessions {Suppressed.Count} {(Suppressed.Count == 1 ? "cell is" : "cells are")} suppressed.");

    /// <summary>Whether an effect was added to the stored ones and is no evidence.</summary>
    public bool IsHypothetical(int effect) => effect >= WithoutHypothetical?.Count;

    /// <summary>SHA-256 over the effects in canonical order: equal sets have equal fingerprints, however they were selected. Hypothetical effects are not
    /// part of it.</summary>
    public string Fingerprint()
    {
        if (WithoutHypothetical is { } stored)
        {
            return stored.Fingerprint();
        }

        if (_fingerprint?.IsOf(this) != true)
        {
            _fingerprint = new(Ids, Samples, Estimates, Variances, Participants, OriginalNames, ComputeFingerprint());
        }

        return _fingerprint.Text;
    }

    // A copy of the record may have other names.
    private static NameNumbers Number(ref NameNumbers? known, string[] names) =>
        known is { } numbers && ReferenceEquals(numbers.Names, names) ? numbers : known = NameNumbers.Of(names);

    private string ComputeFingerprint()
    {
        var effects = new string[Count];
        for (var i = 0; i < effects.Length; i++)
        {
            CancellationScope.ThrowIfCancelled(i);
            effects[i] = CanonicalLine(i);
        }

        Array.Sort(effects, StringComparer.Ordinal);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(effects.Max(effect => (int?)effect.Length) ?? 0));
        foreach (var (i, effect) in effects.Index())
        {
            CancellationScope.ThrowIfCancelled(i);
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

    // With the columns of which it is, as a copy of the record may have others.
    private sealed record KnownFingerprint(string[] Ids, string[] Samples, double[] Estimates, double[] Variances, double?[] Participants,
        (string? Id, string? Sample)[]? OriginalNames, string Text)
    {
        public bool IsOf(EffectSet effects) => Ids == effects.Ids && Samples == effects.Samples && Estimates == effects.Estimates
            && Variances == effects.Variances && Participants == effects.Participants && OriginalNames == effects.OriginalNames;
    }
}

/// <summary>A number for each name, from 0 in the order of first occurrence.</summary>
/// <param name="Names">The names.</param>
/// <param name="Numbers">The number of each.</param>
/// <param name="Count">How many different names there are.</param>
internal sealed record NameNumbers(string[] Names, int[] Numbers, int Count)
{
    public static NameNumbers Of(string[] names)
    {
        var (numbers, count) = Number(names.Length, i => names[i], StringComparer.Ordinal);
        return new(names, numbers, count);
    }

    /// <summary>A number for each key, from 0 in the order of first occurrence, and how many different keys there are.</summary>
    public static (int[] Numbers, int Count) Number<T>(int rows, Func<int, T> keyOf, IEqualityComparer<T> comparer)
        where T : notnull
    {
        var (known, numbers) = (new Dictionary<T, int>(rows, comparer), new int[rows]);
        for (var i = 0; i < numbers.Length; i++)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(known, keyOf(i), out var isKnown);
            number = numbers[i] = isKnown ? number : known.Count - 1;
        }

        return (numbers, known.Count);
    }

    /// <summary>The number of the name of each chosen row, from 0 in the order of the rows.</summary>
    public int[] Of(IReadOnlyList<int> chosen)
    {
        var (renumbered, codes, next) = (new int[Count], new int[chosen.Count], 0);
        for (var i = 0; i < codes.Length; i++)
        {
            ref var code = ref renumbered[Numbers[chosen[i]]];
            // 0 is for names that did not occur yet.
            code = code == 0 ? ++next : code;
            codes[i] = code - 1;
        }

        return codes;
    }
}
