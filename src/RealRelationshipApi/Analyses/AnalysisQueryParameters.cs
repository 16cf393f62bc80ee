using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses;

/// <summary>The query names of filters and model: the one table that documents, checks and reads them.</summary>
internal static class AnalysisQueryParameters
{
    public static QueryParameter MinRevision { get; } = new("minRevision", QueryParameterType.Integer,
        "Answer from this evidence revision or a later one: the `revision` that a write was answered with, so that every replica answers with it.");

    public static IReadOnlyList<QueryParameter> Filter { get; } = QueryParameter.ForRequest<FilterRequest>(
    [
        Flag("adjusted", "True: partial correlations only; false: zero-order correlations only."),
        Flag("converted", "True: only effects that were not reported as r; false: only those that were."),
        Choice<OutcomeType>("outcomeType", "What kind of outcome."),
        Choice<Rater>("relationshipRater", "Who rated the real relationship."),
        Choice<Rater>("outcomeRater", "Who rated the outcome."),
        Text("relationshipMeasure", "Instrument code of the relationship, compared without case."),
        Text("outcomeMeasure", "Instrument code of the outcome, compared without case."),
        Choice<LevelChoice>("level", "Between clients, within clients, or between therapists; `all` mixes them.", LevelChoice.BetweenClient),
        Choice<StudyDesign>("design", "Design of the study."),
        Choice<EffectTiming>("timing", "When the relationship was measured."),
        Text("country", "ISO 3166-1 alpha-2."),
        Flag("published", "Whether the study was published."),
        Choice<PooledStudyKind>("kind", "Primary studies, or clinics' own summaries."),
        QueryParameter.Choice<SyntheticChoice>("synthetic", "Whether invented studies take part; they are never passed over in silence.",
            SyntheticChoice.Include),
        new("yearFrom", QueryParameterType.Integer, "First year of publication."),
        new("yearTo", QueryParameterType.Integer, "Last year of publication."),
        QueryParameter.Choice<SourceChoice>("source", "Published studies, released results of clinics' sessions, or both.", SourceChoice.Studies),
        Text("exclude", "Study keys or sample names to leave out."),
        new("asOf", QueryParameterType.Text, "Answer from the evidence as it stood then: an evidence revision, or an instant with its offset."),
        MinRevision,
    ]);

    public static IReadOnlyList<QueryParameter> Model { get; } = QueryParameter.ForRequest<ModelRequest>(
    [
        QueryParameter.Choice<EffectMeasure>("measure", "The scale of pooling.", EffectMeasure.FisherZ),
        QueryParameter.Choice<Dependence>("dependence",
            "How effects of one sample are treated. `auto`: independent when each sample gives one effect, else correlatedHierarchical (aggregate when there "
                + "is only one sample).", Dependence.Auto),
        new("rho", QueryParameterType.Number,
            "Correlation of sampling errors inside a sample, in [0, 1), for aggregate and correlatedHierarchical.") { Default = "0.6" },
        QueryParameter.Choice<AggregationChoice>("aggregation", "How a sample's effects become one.", AggregationChoice.InverseVariance),
        QueryParameter.Choice<Estimator>("estimator", "Estimator of tau².", Estimator.Reml),
        QueryParameter.Choice<TestChoice>("test",
            "Test and interval of the pooled effect. `auto`: knappHartungAdHoc where effects are independent or aggregated, t where they are nested.",
            TestChoice.Auto),
        QueryParameter.Choice<RobustVarianceChoice>("robust",
            "Cluster-robust variance. `auto`: none where effects are independent or aggregated, cr2 where they are nested (none with test=z).",
            RobustVarianceChoice.Auto),
        QueryParameter.Choice<PredictionIntervalChoice>("prediction", "Distribution of the prediction interval. `auto`: that of the test; `riley`: t with k − "
            + "p − 1. From 10 effects or fewer either holds less than it promises.", PredictionIntervalChoice.Auto),
        QueryParameter.Choice<ArtifactCorrection>("artifacts", "Adds a Hunter–Schmidt analysis of r: bare bones, or corrected for unreliability.",
            ArtifactCorrection.None),
        new("equivalence", QueryParameterType.Number, "A margin on r, in (0, 1): adds two one-sided tests of equivalence."),
        new("confidence", QueryParameterType.Number, "Confidence of every interval, in (0.5, 1).") { Default = "0.95" },
    ]);

    public static IReadOnlyList<QueryParameter> FilterAndModel { get; } = [.. Filter, .. Model];

    public static IReadOnlyList<QueryParameter> Moderators { get; } = QueryParameter.ForRequest<ModeratorsRequest>(
    [
        new("by", QueryParameterType.Text,
            $"A filter field, `year`, or `moderators.NAME`; repeat it for several breakdowns. Fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.")
        {
            Repeatable = true, Required = true, Example = "outcomeType",
        },
        QueryParameter.Choice<TauSquaredChoice>("tauSquared", "One tau² for all levels, or each level fitted alone.", TauSquaredChoice.Common),
        new("equivalenceMargin", QueryParameterType.Number, "Differences on Fisher z inside ± this margin count as none.") { Default = "0.1" },
    ]);

    public static IReadOnlyList<QueryParameter> Regression { get; } = QueryParameter.ForRequest<RegressionRequest>(
    [
        new("terms", QueryParameterType.Text,
            $"A filter field, `year`, or `moderators.NAME`; repeat it for several terms. Fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.")
        {
            Repeatable = true, Required = true, Example = "year",
        },
        new("permutations", QueryParameterType.Integer,
            "Adds a permutation test of the omnibus with so many permutations; exact when there are no more than 5,000 in all."),
        new("bootstrap", QueryParameterType.Integer,
            "Adds a cluster wild bootstrap of the omnibus with so many replicates, where effects are nested in samples."),
        new("seed", QueryParameterType.Integer, "Start of the generator of chance.") { Default = "1" },
    ]);

    public static IReadOnlyList<QueryParameter> Bias { get; } = QueryParameter.ForRequest<BiasRequest>(
    [
        QueryParameter.Choice<EggerPredictor>("predictor", "What Egger's test regresses on.", EggerPredictor.StandardError),
        QueryParameter.Choice<TrimAndFillChoice>("trimAndFill", "Estimator of the number of missing effects.", TrimAndFillChoice.L0),
        QueryParameter.Choice<FunnelSideChoice>("side", "Side of the funnel on which effects may be missing.", FunnelSideChoice.Auto),
        new("steps", QueryParameterType.Number, "One-sided p-values at which the step function of selection changes, ascending in (0, 1).") { Default = "0.025",
            Repeatable = true },
        QueryParameter.Choice<SelectionDirectionChoice>("direction", "Direction of the one-sided p-values, and of the effects that selection favours.",
            SelectionDirectionChoice.Greater),
        new("selectionRatio", QueryParameterType.Number,
            "How many times likelier affirmative effects (significant in `direction`) are to be seen, from 1 to a million, for selectionSensitivity.") { Default = "4" },
        new("orwinTarget", QueryParameterType.Number, "The mean effect that Orwin's fail-safe N must not fall below; half the unweighted mean when absent."),
    ]);

    public static IReadOnlyList<QueryParameter> Changes { get; } = QueryParameter.ForRequest<ChangesRequest>(
    [
        new("from", QueryParameterType.Text, "The earlier state of the evidence: an evidence revision, or an instant with its offset.") { Required = true,
            Example = "16" },
        new("to", QueryParameterType.Text, "The later state, in the same forms; the current revision when absent."),
    ]);

    /// <summary>Filter and model of a question that says when with <see cref="Changes"/>, and so without <c>asOf</c>.</summary>
    public static IReadOnlyList<QueryParameter> FilterAndModelOfChanges { get; } = [.. FilterAndModel.Where(p => p.Name != "asOf")];

    public static ChangesRequest ReadChanges(QueryReader query)
    {
        if (query.Text("from") is null)
        {
            query.AddMissing("from", $"is required: {AsOf.AcceptedForms}");
        }

        return new ChangesRequest
        {
            From = ReadAsOf(query, "from") ?? AsOf.Start, To = ReadAsOf(query, "to"), Filter = ReadFilter(query),
            Model = ReadModel(query)
        };
    }

    public static FilterRequest ReadFilter(QueryReader query) => new()
    {
        Adjusted = OneOrMany<bool>.FromValues(query.Booleans("adjusted")),
        Converted = OneOrMany<bool>.FromValues(query.Booleans("converted")),
        OutcomeType = OneOrMany<OutcomeType>.FromValues(query.Choices<OutcomeType>("outcomeType")),
        RelationshipRater = OneOrMany<Rater>.FromValues(query.Choices<Rater>("relationshipRater")),
        OutcomeRater = OneOrMany<Rater>.FromValues(query.Choices<Rater>("outcomeRater")),
        RelationshipMeasure = OneOrMany<string>.FromValues(query.Texts("relationshipMeasure")),
        OutcomeMeasure = OneOrMany<string>.FromValues(query.Texts("outcomeMeasure")),
        Level = OneOrMany<LevelChoice>.FromValues(query.Choices<LevelChoice>("level")),
        Design = OneOrMany<StudyDesign>.FromValues(query.Choices<StudyDesign>("design")),
        Timing = OneOrMany<EffectTiming>.FromValues(query.Choices<EffectTiming>("timing")),
        Country = OneOrMany<string>.FromValues(query.Texts("country")),
        Published = OneOrMany<bool>.FromValues(query.Booleans("published")),
        Kind = OneOrMany<PooledStudyKind>.FromValues(query.Choices<PooledStudyKind>("kind")),
        Synthetic = query.Choice<SyntheticChoice>("synthetic"),
        YearFrom = query.Integer("yearFrom"),
        YearTo = query.Integer("yearTo"),
        Source = query.Choice<SourceChoice>("source"),
        Exclude = OneOrMany<string>.FromValues(query.Texts("exclude")),
        AsOf = ReadAsOf(query, "asOf"),
        MinRevision = query.Integer("minRevision"),
    };

    public static ModelRequest ReadModel(QueryReader query) => new()
    {
        Measure = query.Choice<EffectMeasure>("measure"),
        Dependence = query.Choice<Dependence>("dependence"),
        Rho = query.Number("rho"),
        Aggregation = query.Choice<AggregationChoice>("aggregation"),
        Estimator = query.Choice<Estimator>("estimator"),
        Test = query.Choice<TestChoice>("test"),
        Robust = query.Choice<RobustVarianceChoice>("robust"),
        Prediction = query.Choice<PredictionIntervalChoice>("prediction"),
        Artifacts = query.Choice<ArtifactCorrection>("artifacts"),
        Equivalence = query.Number("equivalence"),
        Confidence = query.Number("confidence"),
    };

    private static AsOf? ReadAsOf(QueryReader query, string name)
    {
        var text = query.Text(name);
        var asOf = text is null ? null : AsOf.Parse(text);
        if (text is not null && asOf is null)
        {
            query.AddInvalid(name, AsOf.ErrorMessage);
        }

        return asOf;
    }

    private static QueryParameter Flag(string name, string description) => new(name, QueryParameterType.Boolean, description) { Repeatable = true };

    private static QueryParameter Text(string name, string description) => new(name, QueryParameterType.Text, description) { Repeatable = true };

    private static QueryParameter Choice<T>(string name, string description, T? fallback = null) where T : struct, Enum =>
        QueryParameter.Choice(name, description, fallback, repeatable: true);
}
