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
    /// <summary>JSON in which equal content has equal text.</summary>
    internal static JsonSerializerOptions CanonicalOptions { get; } =
        new(StrictJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private Study(StudyRequest members, IReadOnlyList<StudyEffect> effects)
    {
        Request = members;
        Effects = effects;
        Content = JsonSerializer.Serialize(members, CanonicalOptions);
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
        var effects = request.Effects.Select(StudyEffect.From).ToArray();
        FieldError[] errors = [.. effects.Select(e => e.Error).OfType<FieldError>()];
        return errors.Length == 0 ? (new Study(Canonicalize(request), [.. effects.Select(e => e.Effect!)]), []) : (null, errors);
    }

    /// <summary>A stored version, with its effects as they were converted when they were stored.</summary>
    public static Study FromStored(StudyVersionRow version, IReadOnlyList<StudyEffectRow> effects)
    {
        var request = JsonSerializer.Deserialize<StudyRequest>(version.Content, StrictJson.Options)!;
        return new(request, [.. request.Effects.Select((effect, i) => new StudyEffect(effect, i, effects[i].ToStoredEffect(effect)))]);
    }

    // Ignores read-only members, the order of moderators and the spelling of the DOI.
    private static StudyRequest Canonicalize(StudyRequest request) => request with
    {
        Citation = request.Citation with { Doi = Doi.Normalize(request.Citation.Doi) },
        Status = null,
        Version = null,
        Revision = null,
        RecordedAt = null,
        Warnings = null,
        ChangedBy = null,
        Reason = null,
        Effects = Canonicalize(request.Effects),
    };

    internal static IReadOnlyList<EffectRequest> Canonicalize(IReadOnlyList<EffectRequest> effects) => [.. effects.Select(e => e with
    {
        Stored = null,
        Moderators = new SortedDictionary<string, ModeratorValue>(e.Moderators.ToDictionary(), StringComparer.Ordinal),
    })];
}

/// <summary>An effect of a study, as reported and as converted.</summary>
internal sealed record StudyEffect(EffectRequest Request, int Position, StoredEffect? Stored)
{
    /// <summary>Identity of the effect: equal identities mean the same effect reported twice.</summary>
    public string Identity => IdentityOf(Request);

    /// <inheritdoc cref="Identity"/>
    internal static string IdentityOf(EffectBase effect) => string.Join('|', ((string[])
    [
        effect.Sample,
        NameOrEmpty(effect.OutcomeType),
        NameOrEmpty(effect.RelationshipRater),
        NameOrEmpty(effect.OutcomeRater),
        effect.RelationshipMeasure.ToLowerInvariant(),
        effect.RelationshipScale?.ToLowerInvariant() ?? "",
        effect.OutcomeMeasure.ToLowerInvariant(),
        EnumNames<EffectLevel>.Of(effect.Level),
        NameOrEmpty(effect.Timing),
        // Release 0.1 had none; identities that it stored stay the same.
        .. effect.OutcomeScale is { } scale ? [scale.ToLowerInvariant()] : Array.Empty<string>(),
    ]).Select(part => part.Replace("|", "||", StringComparison.Ordinal)));

    internal const string TooExtremeMessage = "converts to a correlation that cannot be told from 1 or -1, or to a precision that no sample has";

    internal static (StudyEffect? Effect, FieldError? Error) From(EffectRequest effect, int position)
    {
        var (stored, error) = Convert(effect, $"#/effects/{position}/statistic");
        return error is null ? (new(effect, position, stored), null) : (null, error);
    }

    /// <summary>The effect on Fisher z, by today's formulas; null without one if its statistic is none to pool.</summary>
    internal static (StoredEffect? Stored, FieldError? Error) Convert(EffectBase effect, string root = "")
    {
        var (converted, error) = StatisticConversion.TryToFisherZ(effect.Statistic, effect.Level, effect.Sessions, root);
        if (converted is not { } z)
        {
            return (null, error);
        }

        var signReversed = effect.OutcomeDirection == OutcomeDirection.HigherIsWorse;
        // Avoids −0, which SQLite returns as 0 and PostgreSQL as −0.
        var yi = (signReversed ? -z.Estimate : z.Estimate) + 0.0;
        return (new StoredEffect(yi, z.Variance, StoredEffect.Correlation(effect.Statistic, yi, signReversed), (long?)z.SampleSize, z.Converted, z.Approximate,
            signReversed, z.Formula)
        { Notes = z.Notes }, null);
    }

    private static string NameOrEmpty<T>(T? value) where T : struct, Enum => value is { } known ? EnumNames<T>.Of(known) : "";
}
