using FluentValidation;
using FluentValidation.Results;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

namespace RealRelationshipApi.Analyses;

/// <summary>An effect in the body, given as <c>r</c> and <c>n</c>, as <c>yi</c> and <c>vi</c>, or as another <c>statistic</c>.</summary>
internal sealed record InlineEffect
{
    /// <summary>Id of the effect; default: its index.</summary>
    public string? Id { get; init; }

    /// <summary>Name of the study; default: the sample, otherwise the id.</summary>
    public string? Study { get; init; }

    /// <summary>Name of the sample. Effects of the same sample are dependent; by default each effect is a sample of its own.</summary>
    public string? Sample { get; init; }

    /// <summary>Year of publication.</summary>
    public long? Year { get; init; }

    /// <summary>Correlation, in (−1, 1).</summary>
    public double? R { get; init; }

    /// <summary>Number of participants; at least 4 with <c>r</c>.</summary>
    public long? N { get; init; }

    /// <summary>Effect on the scale of the measure (Fisher z unless raw).</summary>
    public double? Yi { get; init; }

    /// <summary>Sampling variance of <c>yi</c>, greater than 0.</summary>
    public double? Vi { get; init; }

    /// <summary>Statistic as reported, which is converted as that of a submitted study of level betweenClient; instead of <c>r</c> and <c>n</c>, or
    /// <c>yi</c> and <c>vi</c>. Positive means that a stronger relationship goes with better outcome.</summary>
    public Statistic? Statistic { get; init; }

    /// <summary>Moderators by name: a number is continuous, a text categorical.</summary>
    public IReadOnlyDictionary<string, ModeratorValue>? Moderators { get; init; }
}

internal sealed class InlineEffectValidator : AbstractValidator<InlineEffect>
{
    private const double MaxRaw = 1e100;
    private const double MinRaw = 1 / MaxRaw;
    private const int MaxNameLength = EffectValidator.MaxSampleLength;
    private const int MinSampleOfR = 4;

    private static readonly StatisticValidator s_statistics = new();

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
        RuleFor(e => e.R).NotNull().When(e => e is { Yi: null, Vi: null, Statistic: null })
            .WithMessage("either r with n, yi with vi, or a statistic is required");
        RuleFor(e => e.Statistic).Null().When(e => (e.R ?? e.Yi ?? e.Vi ?? e.N) is not null)
            .WithMessage("give either r with n, yi with vi, or a statistic that has its own n");
        RuleFor(e => e.Statistic).Cascade(CascadeMode.Stop).SetValidator(s_statistics!).Custom(CheckConversion);
        RuleFor(e => e.Yi).InclusiveBetween(-MaxRaw, MaxRaw);
        RuleFor(e => e.Vi).ExclusiveBetween(MinRaw, MaxRaw);
        RuleFor(e => e.Moderators).Custom(ModeratorRules.Check);
    }

    /// <summary>Fast check for obviously valid effects: names in printable ASCII, and r with n or yi with vi. Others go through the full validation.</summary>
    /// <remarks>Requests can have thousands of effects, for which the full validation takes as long as the fit.</remarks>
    internal static bool IsTriviallyValid(InlineEffect effect) =>
        effect.Statistic is null
        && effect is { R: > -1 and < 1, N: >= MinSampleOfR and <= StatisticValidator.MaxSample, Yi: null, Vi: null }
            or { R: null, N: null or (>= 1 and <= StatisticValidator.MaxSample), Yi: >= -MaxRaw and <= MaxRaw, Vi: > MinRaw and < MaxRaw }
        && IsTriviallyValid(effect.Id) && IsTriviallyValid(effect.Study) && IsTriviallyValid(effect.Sample) && ModeratorRules.AreValid(effect.Moderators);

    private static void CheckConversion(Statistic? statistic, ValidationContext<InlineEffect> context)
    {
        if (statistic is null)
        {
            return;
        }

        var (effect, error) = StatisticConversion.TryToFisherZ(statistic, EffectLevel.BetweenClient, sessions: null, "");
        error ??= effect is null ? new FieldError("/type", "kindMismatch", "is a published pooled result, which is no effect to pool") : null;
        if (error is not null)
        {
            context.AddFailure(new ValidationFailure($"{context.PropertyPath}.{error.Pointer[1..]}", error.Detail) { ErrorCode = error.Code });
        }
    }

    private static bool IsTriviallyValid(string? name) =>
        name is null || (name.Length <= MaxNameLength && !string.IsNullOrWhiteSpace(name) && !name.AsSpan().ContainsAnyExceptInRange(' ', '~'));
}

/// <summary>Converts validated effects to columns.</summary>
internal static class InlineEffectMapper
{
    public static EffectSet ToEffectSet(IReadOnlyList<InlineEffect> effects, EffectMeasure? measure, IReadOnlyList<Warning> sheetWarnings)
    {
        var (ids, studies, named) = (new string[effects.Count], new string[effects.Count], new (string? Id, string? Sample)[effects.Count]);
        var (estimates, variances) = (new double[effects.Count], new double[effects.Count]);
        var (participants, years, unknown) = (new double?[effects.Count], new long?[effects.Count], new double?[effects.Count]);
        var notes = new IReadOnlyList<string>[effects.Count];
        for (var i = 0; i < effects.Count; i++)
        {
            var effect = effects[i];
            ids[i] = effect.Id ?? i.ToString();
            studies[i] = effect.Study ?? effect.Sample ?? ids[i];
            named[i] = (effect.Id, effect.Sample);
            var converted = effect.R is { } r ? EffectSizeConversion.FromCorrelation(r, effect.N!.Value)
                : effect.Statistic is { } statistic ? StatisticConversion.ToFisherZ(statistic) : null;
            estimates[i] = converted?.Estimate ?? effect.Yi!.Value;
            variances[i] = converted?.Variance ?? effect.Vi!.Value;
            (participants[i], years[i]) = (effect.N ?? converted?.SampleSize, effect.Year);
            notes[i] = converted?.Notes ?? InlineEffectWarnings.Notes(effect, measure);
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
            Notes = notes,
            Warnings = [.. sheetWarnings, .. InlineEffectWarnings.Of(effects, ids, notes)],
            ModeratorValues = name => Moderator(effects, name),
            ModeratorsOfBody = () => effects.SelectMany(effect => effect.Moderators?.Keys ?? []).Distinct(StringComparer.Ordinal),
        };
    }

    // Effects without a sample get unique sample names that differ from all given ones.
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

/// <summary>Validation rules of the list of effects.</summary>
internal static class InlineEffectRules
{
    public static void Check<T>(IReadOnlyList<InlineEffect>? effects, EffectMeasure? measure, ValidationContext<T> context, string list = "Effects")
    {
        // Default ids are indices, which are unique, so that only given ids need a check.
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

            if (measure == EffectMeasure.Raw && (effect.R is not null || effect.Statistic is not null))
            {
                Fail(i, effect.R is null ? ".Statistic" : ".R", "notAllowed", "measure raw takes yi with vi");
            }

            if (measure != EffectMeasure.Raw && Math.Abs(effect.Yi ?? 0) > StatisticValidator.MaxFisherZ)
            {
                Fail(i, ".Yi", "outOfRange", $"lies between -{StatisticValidator.MaxFisherZ} and {StatisticValidator.MaxFisherZ} on Fisher z");
            }
        }

        void Fail(int i, string member, string code, string detail) =>
            context.AddFailure(new ValidationFailure($"{list}[{i}]{member}", detail) { ErrorCode = code });
    }
}
