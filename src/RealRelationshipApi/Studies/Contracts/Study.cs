using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Studies.Contracts;

/// <summary>A validated study, with its effects on Fisher z.</summary>
internal sealed class Study
{
    private static readonly JsonSerializerOptions s_canonical = new(StrictJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private Study(StudyRequest members, IReadOnlyList<StudyEffect> effects)
    {
        Request = members;
        Effects = effects;
        Content = JsonSerializer.Serialize(members, s_canonical);
        ContentHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Content)));
    }

    public StudyRequest Request { get; }

    public string Key => Request.Key;

    public IReadOnlyList<StudyEffect> Effects { get; }

    /// <summary>Canonical JSON of the submitted study; equal studies have equal text.</summary>
    public string Content { get; }

    public string ContentHash { get; }

    /// <summary>Converts a request that the validator has passed.</summary>
    /// <returns>The study, or the errors of conversion.</returns>
    public static (Study? Study, IReadOnlyList<FieldError> Errors) From(StudyRequest request)
    {
        StudyEffect[] effects = [.. request.Effects.Select((effect, i) => StudyEffect.From(effect, i))];
        FieldError[] errors = [.. effects.Where(e => e.IsTooExtreme)
            .Select(e => new FieldError($"#/effects/{e.Position}/statistic/value", "tooExtreme", StudyEffect.TooExtremeMessage))];
        return errors.Length == 0 ? (new Study(Canonicalize(request), effects), []) : (null, errors);
    }

    // Ignores read-only members and the order of moderators.
    private static StudyRequest Canonicalize(StudyRequest request) => request with
    {
        Status = null,
        Version = null,
        Revision = null,
        RecordedAt = null,
        Warnings = null,
        Effects = [.. request.Effects.Select(e => e with
        {
            Stored = null,
            Moderators = new SortedDictionary<string, ModeratorValue>(e.Moderators.ToDictionary(), StringComparer.Ordinal),
        })],
    };
}

/// <summary>An effect of a study, as reported and as converted.</summary>
internal sealed record StudyEffect(EffectRequest Request, int Position, StoredEffect? Stored)
{
    /// <summary>Identity of the effect: equal identities mean the same effect reported twice.</summary>
    public string Identity => string.Join('|', new[]
    {
        Request.Sample,
        NameOrEmpty(Request.OutcomeType),
        NameOrEmpty(Request.RelationshipRater),
        NameOrEmpty(Request.OutcomeRater),
        Request.RelationshipMeasure.ToLowerInvariant(),
        Request.RelationshipScale?.ToLowerInvariant() ?? "",
        Request.OutcomeMeasure.ToLowerInvariant(),
        EnumNames<EffectLevel>.Of(Request.Level),
        NameOrEmpty(Request.Timing),
    }.Select(part => part.Replace("|", "||", StringComparison.Ordinal)));

    internal const string TooExtremeMessage = "converts to a correlation that cannot be told from 1 or -1, or to a precision that no sample has";

    internal bool IsTooExtreme => Stored is { } effect && IsExtreme(effect.Yi, effect.Vi);

    internal static bool IsExtreme(double yi, double vi) =>
        !(Math.Abs(yi) <= StatisticValidator.MaxFisherZ && vi >= StatisticValidator.MinVariance && double.IsFinite(vi));

    internal static StudyEffect From(EffectRequest effect, int position)
    {
        if (StatisticConversion.ToFisherZ(effect.Statistic) is not { } z)
        {
            return new(effect, position, null);
        }

        var signReversed = effect.OutcomeDirection == OutcomeDirection.HigherIsWorse;
        // Avoids −0, which SQLite returns as 0 and PostgreSQL as −0.
        var yi = (signReversed ? -z.Estimate : z.Estimate) + 0.0;
        return new(effect, position,
            new StoredEffect(yi, z.Variance, StoredEffect.Correlation(effect.Statistic, yi, signReversed), (long?)z.SampleSize, z.Converted, z.Approximate,
                signReversed, z.Formula));
    }

    private static string NameOrEmpty<T>(T? value) where T : struct, Enum => value is { } known ? EnumNames<T>.Of(known) : "";
}
