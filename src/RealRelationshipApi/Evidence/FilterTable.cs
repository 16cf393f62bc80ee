using System.Globalization;

using FluentValidation;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;
using RealRelationshipApi.Studies.Validation;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Evidence.FilterRequest>;

namespace RealRelationshipApi.Evidence;

/// <summary>An effect with its study, from which columns of the evidence are read.</summary>
internal sealed record EvidenceRow(StudyRecord Study, EffectRecord Effect)
{
    public bool IsAdjusted => Effect.AdjustedFor.Count > 0 || Effect.Statistic.Type is StatisticType.PartialR or StatisticType.SemiPartialR;
}

/// <summary>A predicate on the rows of a segment; null if all rows pass.</summary>
internal delegate Func<int, bool>? SegmentPredicate(EvidenceSegment segment);

/// <summary>A filter of the evidence.</summary>
/// <param name="Option">Its query parameter, reader and rule.</param>
internal sealed record EvidenceFilter(Option Option)
{
    public string Name => Option.Parameter.Name;

    /// <summary>The field of an effect that is filtered and can be a moderator; null if the filter is not on a field.</summary>
    public Func<EvidenceRow, string?>? Column { get; init; }

    /// <summary>Values of <see cref="Column"/> that pass; null if all do.</summary>
    public Func<FilterRequest, IEnumerable<string>?>? Allowed { get; init; }

    /// <summary>Predicate of a filter without a column.</summary>
    public Func<FilterRequest, SegmentPredicate?>? Test { get; init; }

    /// <summary>Whether it reads the study alone, so that it also selects registered studies, which have no effect.</summary>
    public bool IsOfStudy { get; init; }

    /// <summary>Filters of lower order are applied first. The first that an effect fails is the reason of its exclusion.</summary>
    public int Order { get; init; } = int.MaxValue;

    /// <summary>Predicate of a request; null if all effects pass.</summary>
    public SegmentPredicate? Predicate(FilterRequest filter)
    {
        if (Allowed?.Invoke(filter) is not { } allowed)
        {
            return Test?.Invoke(filter);
        }

        var texts = allowed.ToHashSet(StringComparer.Ordinal);
        return segment => segment.TextColumn(Name).PredicateFor(texts);
    }
}

/// <summary>All filters of the evidence, one row each. To add a filter, add a row and a member of <see cref="FilterRequest"/>.</summary>
internal static class FilterTable
{
    /// <summary>Name of the filter and moderator that is a number.</summary>
    public const string Therapists = "therapists";

    /// <summary><c>minRevision</c> of operations without a filter.</summary>
    public static QueryParameter MinRevision { get; } = new("minRevision", QueryParameterType.Integer,
        "Minimum evidence revision to use. Send the `revision` returned by a write to read your own write from any replica.");

    public static IReadOnlyList<EvidenceFilter> Filters { get; } =
    [
        Flag("adjusted", "`true` selects partial correlations, `false` zero-order correlations.",
            f => f.Adjusted, (f, v) => f with { Adjusted = v }, row => row.IsAdjusted),
        Flag("converted", "`true` selects effects converted from other statistics, `false` those reported as r.",
            f => f.Converted, (f, v) => f with { Converted = v }, row => row.Effect.Stored!.Converted),
        Choice("outcomeType", "Type of outcome.", f => f.OutcomeType, (f, v) => f with { OutcomeType = v }, row => Name(row.Effect.OutcomeType)),
        Choice("relationshipRater", "Who rated the real relationship.",
            f => f.RelationshipRater, (f, v) => f with { RelationshipRater = v }, row => Name(row.Effect.RelationshipRater)),
        Choice("outcomeRater", "Who rated the outcome.", f => f.OutcomeRater, (f, v) => f with { OutcomeRater = v }, row => Name(row.Effect.OutcomeRater)),
        Code("relationshipMeasure", "Instrument code of the relationship measure; case-insensitive.",
            f => f.RelationshipMeasure, (f, v) => f with { RelationshipMeasure = v }, row => row.Effect.RelationshipMeasure),
        Code("relationshipScale", "Scale of the relationship measure: `total` or a subscale; case-insensitive.",
            f => f.RelationshipScale, (f, v) => f with { RelationshipScale = v }, row => row.Effect.RelationshipScale),
        Code("outcomeMeasure", "Instrument code of the outcome measure; case-insensitive.",
            f => f.OutcomeMeasure, (f, v) => f with { OutcomeMeasure = v }, row => row.Effect.OutcomeMeasure),
        Code("outcomeScale", "Scale of the outcome measure: `total` or a subscale; case-insensitive.",
            f => f.OutcomeScale, (f, v) => f with { OutcomeScale = v }, row => row.Effect.OutcomeScale),
        new(Option.Choice("outcomeConstruct",
            "What the outcome measure measures by the catalogue: an outcome, the alliance (srs) or satisfaction (csq-8). Unknown measures count as outcomes.",
            (f, v) => f with { OutcomeConstruct = v }, OutcomeConstructChoice.Outcome))
        {
            Column = row => Name<OutcomeConstruct>(MeasureCatalogue.ConstructOf(row.Effect.OutcomeMeasure)),
            Allowed = f => f.OutcomeConstruct == OutcomeConstructChoice.All ? null
                : [EnumNames<OutcomeConstructChoice>.Of(f.OutcomeConstruct ?? OutcomeConstructChoice.Outcome)],
        },
        Choice("level", "Level of the association; `all` selects all levels.",
            f => f.Level, (f, v) => f with { Level = v }, row => Name<EffectLevel>(row.Effect.Level), LevelChoice.BetweenClient) with
        { Allowed = AllowedLevels, Order = 1 },
        Choice("design", "Design of the study.", f => f.Design, (f, v) => f with { Design = v }, row => Name(row.Study.Design)) with
        { IsOfStudy = true },
        Choice("timing", "When the relationship was measured.", f => f.Timing, (f, v) => f with { Timing = v }, row => Name(row.Effect.Timing)),
        Text("country", "ISO 3166-1 alpha-2 country code.", f => f.Country, (f, v) => f with { Country = v }, row => row.Study.Country) with
        { IsOfStudy = true },
        Text("setting", "Setting of the study, as submitted.", f => f.Setting, (f, v) => f with { Setting = v }, row => row.Study.Setting) with
        { IsOfStudy = true },
        new(new Option(new(Therapists, QueryParameterType.Integer, "Number of therapists of the effect, otherwise of its study.")
            { Repeatable = true, Minimum = 1, Maximum = StudyValidator.MaxTherapists },
            (f, query) => f with { Therapists = OneOrMany<long>.FromValues(query.Integers(Therapists)) })
        {
            Rule = rules => rules.RuleFor(f => f.Therapists)
                .Must(numbers => numbers is null || numbers.Values.All(number => number is >= 1 and <= StudyValidator.MaxTherapists))
                .WithErrorCode("outOfRange").WithMessage($"must be from 1 to {StudyValidator.MaxTherapists}"),
        })
        {
            Column = row => (row.Effect.Therapists ?? row.Study.Therapists)?.ToString(CultureInfo.InvariantCulture),
            Allowed = f => f.Therapists?.Values.Select(number => number.ToString(CultureInfo.InvariantCulture)),
        },
        Choice("riskOfBias", "Overall risk of bias of the study; `some` is called moderate in QUIPS.",
            f => f.RiskOfBias, (f, v) => f with { RiskOfBias = v }, row => Name(row.Study.RiskOfBias?.Overall)) with
        { IsOfStudy = true },
        Flag("published", "Whether the study was published.", f => f.Published, (f, v) => f with { Published = v }, row => row.Study.Published) with
        { IsOfStudy = true },
        Choice("kind", "Kind of study: primary or a clinic's summary.", f => f.Kind, (f, v) => f with { Kind = v }, row => Name<StudyKind>(row.Study.Kind)),
        new(Option.Choice("synthetic",
            "Whether to include synthetic studies: `auto` excludes them once the store has a real effect that can be pooled, and selects only them before. A "
                + "warning is given if any are included, or left out by `auto`.",
            (f, v) => f with { Synthetic = v }, SyntheticChoice.Auto))
        {
            Column = row => Name(row.Study.Synthetic),
            Allowed = f => f.Synthetic switch { SyntheticChoice.Only => [Name(true)], SyntheticChoice.Exclude => [Name(false)], _ => null },
            IsOfStudy = true,
            Order = 2,
        },
        new(Option.Choice("scales",
            "Subscales and short forms beside a total of the same sample: `total` leaves them out (`partOfTotal`), `parts` selects subscales only, `all` takes "
                + "all. Naming a scale implies `all`.",
            (f, v) => f with { Scales = v }, ScalesChoice.Total))
        {
            Test = f => f.Scales == ScalesChoice.Parts ? segment => PartOfTotal.IsSubscale(segment) : null,
        },
        new(Option.Choice("bounds", "Effects coded as an upper bound, such as p < .05.", (f, v) => f with { Bounds = v }, BoundsChoice.Exclude))
        {
            Test = f => f.Bounds == BoundsChoice.Include ? null : segment => segment.IsUpperBound.Contains(true) ? row => !segment.IsUpperBound[row] : null,
        },
        new(new Option(new("moderators.NAME", QueryParameterType.Text,
                "An additional moderator: the value, or a range of numbers by `moderators.NAME.from` and `moderators.NAME.to`. Effects without it do not pass.")
            { IsPattern = true, Repeatable = true },
            (f, query) => f with { Moderators = ModeratorFilter.Read(query) })
        {
            Rule = rules => rules.RuleForEach(f => f.Moderators).Must(moderator => moderator.Value?.IsEmptyRange == false)
                .WithErrorCode("tooSmall").WithMessage("must have values, or a range whose from is not larger than its to"),
        }),
        new(Option.Integer("yearFrom", "First year of publication.", (f, v) => f with { YearFrom = v }))
        {
            Test = f => f.YearFrom is { } from ? segment => row => segment.Years[row] >= from : null,
            IsOfStudy = true,
        },
        new(Option.Integer("yearTo", "Last year of publication.", (f, v) => f with { YearTo = v }) with
        {
            Rule = rules => rules.RuleFor(f => f.YearTo).Must((filter, to) => to is null || filter.YearFrom is null || to >= filter.YearFrom)
                .WithErrorCode("tooSmall").WithMessage("must not be before yearFrom"),
        })
        {
            Test = f => f.YearTo is { } to ? segment => row => segment.Years[row] <= to : null,
            IsOfStudy = true,
        },
        new(Option.Choice("source", "Source of the effects: studies, released results of clinics' sessions, or both.",
            (f, v) => f with { Source = v }, SourceChoice.Studies))
        {
            Test = f => f.Source == SourceChoice.All ? null : segment => row => segment.IsReleased[row] == (f.Source == SourceChoice.Sessions),
            IsOfStudy = true,
            Order = 0,
        },
        new(Option.Texts("exclude", "Study keys or sample names to exclude.", (f, v) => f with { Exclude = OneOrMany<string>.FromValues(v) }))
        {
            Test = Excluded,
            IsOfStudy = true,
        },
        new(new Option(new("asOf", QueryParameterType.Text,
                "State of the evidence to use: an evidence revision, or a date and time with UTC offset. Associations of sites that were withdrawn since are "
                    + "left out."),
            (f, query) => f with { AsOf = AsOf.Read(query, "asOf") })
        { Rule = rules => rules.RuleFor(f => f.AsOf).IsRepresentableInstant() }),
        new(new Option(MinRevision, (f, query) => f with { MinRevision = query.Integer("minRevision") })
        { Rule = rules => rules.RuleFor(f => f.MinRevision).GreaterThanOrEqualTo(0) }),
    ];

    public static IReadOnlyList<Option> Options { get; } = [.. Filters.Select(filter => filter.Option)];

    /// <summary>The query parameters, those that few ask for last.</summary>
    public static IReadOnlyList<QueryParameter> Parameters { get; } =
        [.. Options.Parameters().OrderBy(parameter => parameter.Name is "adjusted" or "converted")];

    /// <summary>Fields of effects that are filtered and can be moderators.</summary>
    public static IReadOnlyList<(string Name, Func<EvidenceRow, string?> Read)> Columns { get; } =
        [.. Filters.Where(filter => filter.Column is not null).Select(filter => (filter.Name, filter.Column!))];

    private static readonly IReadOnlyList<EvidenceFilter> s_inOrder = [.. Filters.OrderBy(filter => filter.Order)];

    public static IEnumerable<(string Reason, SegmentPredicate In)> Predicates(FilterRequest filter) =>
        Predicates(s_inOrder, filter).Concat((filter.Moderators ?? new Dictionary<string, ModeratorFilter>()).Select(ModeratorPredicate));

    /// <summary>Predicates that read the study alone.</summary>
    public static IEnumerable<(string Reason, SegmentPredicate In)> StudyPredicates(FilterRequest filter) =>
        Predicates(s_inOrder.Where(row => row.IsOfStudy), filter);

    private static IEnumerable<(string Reason, SegmentPredicate In)> Predicates(IEnumerable<EvidenceFilter> rows, FilterRequest filter) =>
        from row in rows
        let predicate = row.Predicate(filter)
        where predicate is not null
        select (row.Name, predicate);

    private static (string Reason, SegmentPredicate In) ModeratorPredicate(KeyValuePair<string, ModeratorFilter> filter)
    {
        var name = EvidenceSnapshot.FreeModeratorPrefix + filter.Key;
        var passes = filter.Value.CreatePredicate();
        return (name, segment =>
        {
            var values = segment.ModeratorReader(name);
            return row => passes(values(row));
        }
        );
    }

    private static IEnumerable<string>? AllowedLevels(FilterRequest filter) => filter.Level switch
    {
        null => [EnumNames<EffectLevel>.Of(EffectLevel.BetweenClient)],
        { Values: var levels } when levels.Contains(LevelChoice.All) => null,
        { Values: var levels } => levels.Select(EnumNames<LevelChoice>.Of),
    };

    private static SegmentPredicate? Excluded(FilterRequest filter)
    {
        if (filter.Exclude is not { } exclude)
        {
            return null;
        }

        var names = exclude.Values.ToHashSet(StringComparer.Ordinal);
        return segment => row => !names.Contains(segment.Studies[row]) && !names.Contains(segment.Samples[row]);
    }

    private static EvidenceFilter Flag(string name, string description, Func<FilterRequest, OneOrMany<bool>?> get,
        Func<FilterRequest, OneOrMany<bool>?, FilterRequest> set, Func<EvidenceRow, bool> column) =>
        new(new Option(new(name, QueryParameterType.Boolean, description) { Repeatable = true },
            (f, query) => set(f, OneOrMany<bool>.FromValues(query.Booleans(name)))))
        {
            Column = row => Name(column(row)),
            Allowed = f => get(f)?.Values.Select(Name),
        };

    private static EvidenceFilter Choice<T>(string name, string description, Func<FilterRequest, OneOrMany<T>?> get,
        Func<FilterRequest, OneOrMany<T>?, FilterRequest> set, Func<EvidenceRow, string?> column, T? defaultValue = null) where T : struct, Enum =>
        new(new Option(QueryParameter.Choice(name, description, defaultValue, repeatable: true),
            (f, query) => set(f, OneOrMany<T>.FromValues(query.Choices<T>(name)))))
        {
            Column = column,
            Allowed = f => get(f)?.Values.Select(EnumNames<T>.Of),
        };

    private static EvidenceFilter Text(string name, string description, Func<FilterRequest, OneOrMany<string>?> get,
        Func<FilterRequest, OneOrMany<string>?, FilterRequest> set, Func<EvidenceRow, string?> column) =>
        new(Option.Texts(name, description, (f, v) => set(f, OneOrMany<string>.FromValues(v)))) { Column = column, Allowed = f => get(f)?.Values };

    // Case-insensitive.
    private static EvidenceFilter Code(string name, string description, Func<FilterRequest, OneOrMany<string>?> get,
        Func<FilterRequest, OneOrMany<string>?, FilterRequest> set, Func<EvidenceRow, string?> column) =>
        Text(name, description, get, set, row => column(row)?.ToLowerInvariant()) with { Allowed = f => get(f)?.Values.Select(v => v.ToLowerInvariant()) };

    private static string Name(bool value) => value ? "true" : "false";

    private static string? Name<T>(T? value) where T : struct, Enum => value is { } known ? EnumNames<T>.Of(known) : null;
}
