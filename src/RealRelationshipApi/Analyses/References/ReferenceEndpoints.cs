using RealRelationship.Statistics;

using RealRelationshipApi.Access;
using RealRelationshipApi.Http;
using RealRelationshipApi.Meta.TakeAway;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary><c>/meta/references</c> and <c>/meta/options</c>: what to compare with, and what can be asked.</summary>
public static class ReferenceEndpoints
{
    public static IEndpointRouteBuilder MapReferences(this IEndpointRouteBuilder app)
    {
        app.MapGet("/meta/references", References).WithTags("Look").WithName("references").WithSummary("Lists published results to compare with")
            .WithDescription("Pooled results of others: shown beside ours, never pooled. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).KeepsAnswers().Takes(QuestionParameters.MinRevision).Produces<ReferencesAnswer>(200, MediaTypes.Json, MediaTypes.Csv).OrTable("references").Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        app.MapGet("/meta/references.csv", References).WithTags("Look").WithName("referencesTable").WithSummary("Gives the published results to compare with as CSV")
            .WithDescription("One row a result. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).KeepsAnswers().Takes([.. Tables.Parameters(["references"]), QuestionParameters.MinRevision]).AsTable(["references"])
            .Produces<string>(200, MediaTypes.Csv).Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        app.MapGet("/meta/options", Options).WithTags("Look").WithName("options").WithSummary("Lists every filter, model option and option of an analysis")
            .WithDescription("With its values and its default. Needs scope `meta:read`.")
            .NeedsScope(Scopes.MetaRead).KeepsAnswers().Takes(QuestionParameters.MinRevision).Produces<OptionsAnswer>().Refuses(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        return app;
    }

    private static Task<IResult> References(HttpContext context, StoredQuestions questions) => questions.AnswerAsync(context, evidence =>
        TypedResults.Ok(new ReferencesAnswer(
            [.. evidence.References.SelectMany(study => study.Effects.Select(effect => ReferenceAnswer.Of(study, effect)))],
            new(evidence.Revision, evidence.RecordedAt, Software.Version))));

    private static Task<IResult> Options(HttpContext context, StoredQuestions questions) => questions.AnswerAsync(context, evidence =>
        TypedResults.Ok(new OptionsAnswer(
            [.. QuestionParameters.Filter.Select(OptionAnswer.Of)],
            [.. QuestionParameters.Model.Select(OptionAnswer.Of)],
            [.. QuestionParameters.Moderators.Select(OptionAnswer.Of)],
            [.. QuestionParameters.Changes.Select(OptionAnswer.Of)],
            [.. QuestionParameters.Regression.Select(OptionAnswer.Of)],
            [.. QuestionParameters.Bias.Select(OptionAnswer.Of)],
            [.. Evidence.ModeratorFields, .. evidence.FreeModerators.Select(name => Evidence.FreeModerator + name)])));
}

public sealed record ReferencesAnswer(IReadOnlyList<ReferenceAnswer> References, ReferenceData Data);

/// <summary>Which evidence the list was taken from.</summary>
public sealed record ReferenceData(long Revision, DateTimeOffset? AsOf, string Version);

/// <summary>A published pooled result, or a range of results.</summary>
public sealed record ReferenceAnswer
{
    public required string Key { get; init; }

    public required Citation Citation { get; init; }

    public required string? Note { get; init; }

    public required bool Synthetic { get; init; }

    public required string RelationshipMeasure { get; init; }

    public required string OutcomeMeasure { get; init; }

    public required OutcomeType? OutcomeType { get; init; }

    public required EffectLevel Level { get; init; }

    /// <summary>The published pooled correlation; null for a range.</summary>
    public required double? R { get; init; }

    public required double? Lower { get; init; }

    public required double? Upper { get; init; }

    public required double? Confidence { get; init; }

    /// <summary>The middle of the published interval on Fisher z, as r: what r must have been before rounding, within rounding.</summary>
    public required double? IntervalMidpoint { get; init; }

    public required double? From { get; init; }

    public required double? To { get; init; }

    public required long? K { get; init; }

    public required long? N { get; init; }

    internal static ReferenceAnswer Of(StudyRecord study, EffectRecord effect)
    {
        var s = effect.Statistic;
        return new ReferenceAnswer
        {
            Key = study.Key, Citation = study.Citation, Note = study.Note, Synthetic = study.Synthetic, RelationshipMeasure = effect.RelationshipMeasure,
            OutcomeMeasure = effect.OutcomeMeasure, OutcomeType = effect.OutcomeType, Level = effect.Level, R = s.R, Lower = s.Lower, Upper = s.Upper,
            Confidence = s.Lower is null ? null : s.Confidence ?? Model.UsualConfidence,
            IntervalMidpoint = s is { Lower: { } lower, Upper: { } upper }
                ? FisherZ.ToCorrelation((FisherZ.FromCorrelation(lower) + FisherZ.FromCorrelation(upper)) / 2)
                : null,
            From = s.From, To = s.To, K = s.K, N = s.N,
        };
    }
}

public sealed record OptionsAnswer(IReadOnlyList<OptionAnswer> Filter, IReadOnlyList<OptionAnswer> Model, IReadOnlyList<OptionAnswer> Moderators,
    IReadOnlyList<OptionAnswer> Changes, IReadOnlyList<OptionAnswer> Regression, IReadOnlyList<OptionAnswer> Bias, IReadOnlyList<string> ModeratorFields);

/// <summary>An option with its values, the default first where it has one.</summary>
public sealed record OptionAnswer(string Name, string Kind, IReadOnlyList<string> Values, string? Default, bool Repeatable, string Description)
{
    internal static OptionAnswer Of(QueryParameter p) => new(p.Name, EnumNames<QueryKind>.Of(p.Kind), p.Values, p.Default, p.Repeatable, p.Description);
}
