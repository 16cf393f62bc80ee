using FluentValidation;
using FluentValidation.Results;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Analyses;

/// <summary>An effect given in the body: <c>r</c> with <c>n</c>, or <c>yi</c> with <c>vi</c>.</summary>
internal sealed record InlineEffect
{
    /// <summary>Its index when absent.</summary>
    public string? Id { get; init; }

    public string? Study { get; init; }

    /// <summary>Effects of one sample are dependent; a sample of its own when absent.</summary>
    public string? Sample { get; init; }

    public long? Year { get; init; }

    /// <summary>Correlation, in (−1, 1).</summary>
    public double? R { get; init; }

    /// <summary>Participants, at least 4 beside r.</summary>
    public long? N { get; init; }

    /// <summary>The effect on the scale of the measure (Fisher z unless raw).</summary>
    public double? Yi { get; init; }

    /// <summary>Its sampling variance, greater than 0.</summary>
    public double? Vi { get; init; }

    /// <summary>Free moderators: a number is continuous, a text is categorical.</summary>
    public IReadOnlyDictionary<string, ModeratorValue>? Moderators { get; init; }
}

internal sealed class InlineEffectValidator : AbstractValidator<InlineEffect>
{
    private const double MaxRaw = 1e100;
    private const double MinRaw = 1 / MaxRaw;
    private const int MaxNameLength = 200;
    private const int MinSampleOfR = 4;

    public InlineEffectValidator()
    {
        RuleFor(e => e.Id).OptionalNonBlankLine(MaxNameLength);
        RuleFor(e => e.Study).OptionalNonBlankLine(MaxNameLength);
        RuleFor(e => e.Sample).OptionalNonBlankLine(MaxNameLength);
        RuleFor(e => e.R).ExclusiveBetween(-1, 1);
        RuleFor(e => e.N).InclusiveBetween(1, StatisticValidator.MaxSample);
        RuleFor(e => e.N).NotNull().WithMessage("is required beside r").GreaterThanOrEqualTo(MinSampleOfR).When(e => e.R is not null);
        RuleFor(e => e.Vi).NotNull().WithMessage("is required beside yi").When(e => e.Yi is not null);
        RuleFor(e => e.Yi).NotNull().WithMessage("is required beside vi").When(e => e.Vi is not null);
        RuleFor(e => e.R).Null().When(e => e.Yi is not null).WithMessage("give either r with n, or yi with vi");
        RuleFor(e => e.R).NotNull().When(e => e.Yi is null && e.Vi is null).WithMessage("either r with n, or yi with vi, is required");
        RuleFor(e => e.Yi).InclusiveBetween(-MaxRaw, MaxRaw);
        RuleFor(e => e.Vi).ExclusiveBetween(MinRaw, MaxRaw);
        RuleFor(e => e.Moderators).Custom(ModeratorRules.Check);
    }

    /// <summary>Whether an effect keeps every rule at first sight: named in printable ASCII, with r and n or with yi and vi.
    /// Of others the rules decide.</summary>
    /// <remarks>Effects come by thousands, nearly all of them like this, and the rules take as long as the fit.</remarks>
    internal static bool IsTriviallyValid(InlineEffect effect) =>
        effect is { R: > -1 and < 1, N: >= MinSampleOfR and <= StatisticValidator.MaxSample, Yi: null, Vi: null }
            or { R: null, N: null or (>= 1 and <= StatisticValidator.MaxSample), Yi: >= -MaxRaw and <= MaxRaw, Vi: > MinRaw and < MaxRaw }
        && IsTriviallyValid(effect.Id) && IsTriviallyValid(effect.Study) && IsTriviallyValid(effect.Sample) && ModeratorRules.AreValid(effect.Moderators);

    private static bool IsTriviallyValid(string? name) =>
        name is null || (name.Length <= MaxNameLength && !string.IsNullOrWhiteSpace(name) && !name.AsSpan().ContainsAnyExceptInRange(' ', '~'));
}

/// <summary>Turns validated body effects into columns.</summary>
internal static class InlineEffectMapper
{
    public static EffectSet ToEffectSet(IReadOnlyList<InlineEffect> effects)
    {
        var (ids, studies, named) = (new string[effects.Count], new string[effects.Count], new (string? Id, string? Sample)[effects.Count]);
        var (estimates, variances) = (new double[effects.Count], new double[effects.Count]);
        var (participants, years, unknown) = (new double?[effects.Count], new long?[effects.Count], new double?[effects.Count]);
        for (var i = 0; i < effects.Count; i++)
        {
            var effect = effects[i];
            ids[i] = effect.Id ?? i.ToString();
            studies[i] = effect.Study ?? effect.Sample ?? ids[i];
            named[i] = (effect.Id, effect.Sample);
            var converted = effect.R is { } r ? EffectSizeConversion.FromCorrelation(r, effect.N!.Value) : null;
            estimates[i] = converted?.Estimate ?? effect.Yi!.Value;
            variances[i] = converted?.Variance ?? effect.Vi!.Value;
            (participants[i], years[i]) = (effect.N, effect.Year);
        }

        return new EffectSet
        {
            Ids = ids,
            Studies = studies,
            Samples = Samples(effects, ids),
            OriginalNames = named,
            Estimates = estimates,
            Variances = variances,
            Participants = participants,
            RelationshipReliabilities = unknown,
            OutcomeReliabilities = unknown,
            Years = years,
            Given = effects.Count,
            ModeratorValues = name => Moderator(effects, name),
        };
    }

    // A missing sample is one of its own, whatever the other samples are called.
    private static string[] Samples(IReadOnlyList<InlineEffect> effects, string[] ids)
    {
        var samples = new string[ids.Length];
        HashSet<string>? taken = null;
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = effects[i].Sample ?? UniqueName(ids[i], taken ??= effects.Select(e => e.Sample).OfType<string>().ToHashSet(StringComparer.Ordinal));
        }

        return samples;
    }

    private static string UniqueName(string name, HashSet<string> taken)
    {
        while (!taken.Add(name))
        {
            name += "'";
        }

        return name;
    }

    private static ModeratorValue?[]? Moderator(IReadOnlyList<InlineEffect> effects, string name)
    {
        ModeratorValue?[] values = [.. effects.Select(e => e.Moderators?.TryGetValue(name, out var value) == true ? value : (ModeratorValue?)null)];
        return Array.Exists(values, v => v is not null) ? values : null;
    }
}

/// <summary>The rules of effects in a body as a whole.</summary>
internal static class InlineEffectRules
{
    public static void Check<T>(IReadOnlyList<InlineEffect>? effects, EffectMeasure? measure, ValidationContext<T> context)
    {
        // Without names of their own effects are called by their places, which differ.
        var ids = effects?.Any(effect => effect?.Id is not null) == true ? new HashSet<string>(StringComparer.Ordinal) : null;
        for (var i = 0; i < effects?.Count; i++)
        {
            if (effects[i] is not { } effect)
            {
                Fail(i, "", ErrorCodes.Null, "may not be null");
            }
            else
            {
                Check(i, effect);
            }
        }

        void Check(int i, InlineEffect effect)
        {
            if (ids?.Add(effect.Id ?? i.ToString()) == false)
            {
                Fail(i, ".Id", "repeatedId", "names another effect as well");
            }

            if (measure == EffectMeasure.Raw && effect.R is not null)
            {
                Fail(i, ".R", "notAllowed", "measure raw takes yi with vi");
            }

            if (measure != EffectMeasure.Raw && Math.Abs(effect.Yi ?? 0) > StatisticValidator.MaxFisherZ)
            {
                Fail(i, ".Yi", "outOfRange", $"lies between -{StatisticValidator.MaxFisherZ} and {StatisticValidator.MaxFisherZ} on Fisher z");
            }
        }

        void Fail(int i, string member, string code, string detail) =>
            context.AddFailure(new ValidationFailure($"Effects[{i}]{member}", detail) { ErrorCode = code });
    }
}
