using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Agreement;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.Sensitivity;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Coding;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>The numbers of a report: the pool, and what its parts need.</summary>
internal sealed record ReportAnalysis(EffectSet Effects, ReportRequest Request, DataProvenanceResponse Data)
{
    /// <summary>The pool; null if nothing can be pooled.</summary>
    public PoolResponse? Pool { get; private init; }

    /// <summary>Why nothing can be pooled; null if something can.</summary>
    public Problem? PoolProblem { get; private init; }

    public string EmptyReason => PoolProblem?.Errors[0].Detail ?? "";

    /// <summary>The moderators that can be tested, and why others cannot be; null if they are no part.</summary>
    public (ModeratorsResponse? Response, IReadOnlyDictionary<string, string> Reasons)? Moderators { get; private init; }

    public Computed<BiasResponse>? Bias { get; private init; }

    public Computed<SensitivityResponse>? Sensitivity { get; private init; }

    /// <summary>The Bayesian analysis; null if it is no part.</summary>
    public Computed<BayesResponse>? Bayes { get; private init; }

    /// <summary>The certainty without what people signed; null if it is no part.</summary>
    public CertaintyResponse? Certainty { get; private init; }

    /// <summary>The agreement of second codings with the studies' own; null if selection is no part, or nothing can be pooled.</summary>
    public AgreementResponse? Agreement { get; private init; }

    /// <summary>The certainty with what people signed; null if it is no part.</summary>
    public CertaintyResponse? SignedCertainty(HttpContext context) =>
        Certainty is null ? null : Analyses.Certainty.SignedCertainty.AddTo(Certainty, context.Document(CertaintyRecord.Type));

    /// <summary>Estimated cost of the parts of a request.</summary>
    public static AnalysisCost Cost(AnalysisSize size, ReportRequest request) => AnalysisCost.Pool(size)
        + (request.Includes(ReportPart.Moderators) ? AnalysisCost.Moderators(size) : default)
        + (request.Includes(ReportPart.Bias) ? AnalysisCost.Biases(size, new()) : default)
        + (request.Includes(ReportPart.Sensitivity) ? AnalysisCost.Sensitivity(size) : default)
        + (request.Includes(ReportPart.Bayes) ? AnalysisCost.Bayes(size, new()) : default)
        + (request.Includes(ReportPart.Certainty) ? AnalysisCost.Certainty(size) : default);

    /// <summary>Adds the agreement of codings, which is that of now.</summary>
    public static async Task<(ReportAnalysis? Report, Problem? Problem)> AddAgreementAsync(ReportAnalysis report, ReportRequest request,
        EvidenceSnapshot evidence, AnalysisService analyses, AnalysisRun run) => (report.Pool is null || !request.Includes(ReportPart.Selection) ? report
            : report with { Agreement = await AgreementReader.ReadAsync(report.Effects, evidence.Revision, analyses, run.Token) }, null);

    /// <summary>Names of the moderators that the cost depends on.</summary>
    public static IReadOnlyList<string> ModeratorsOf(ReportRequest request) => request.Includes(ReportPart.Moderators) ? Conclusions.Moderators : [];

    /// <summary>Computes the parts of a report; a part that cannot be computed does not affect the others.</summary>
    public static (ReportAnalysis? Report, Problem? Problem) Run(EffectSet effects, ReportRequest request, ErrorLocation location)
    {
        if (ResolvedModel.Resolve(request.Model, effects, location).Problem is { } contradictory)
        {
            return (null, contradictory);
        }

        var pooled = effects.Count == 0 ? new(null, Problem.NotComputable("noEffects", effects.EmptyReason))
            : Computed<PoolResponse>.Of(() => PoolAnalysis.Run(effects, new PoolRequest { Filter = request.Filter, Model = request.Model }, location));
        var report = new ReportAnalysis(effects, request, pooled.Response?.Data ?? ResponseMapper.Data(effects))
        {
            Pool = pooled.Response,
            PoolProblem = pooled.Problem,
        };
        if (pooled.Response is not { } pool)
        {
            return (report, null);
        }

        var bias = request.Includes(ReportPart.Bias)
            ? Computed<BiasResponse>.Of(() => BiasAnalysis.Run(effects, new BiasRequest { Model = request.Model }, location)) : null;
        return (report with
        {
            Moderators = request.Includes(ReportPart.Moderators)
                ? ModeratorsAnalysis.RunComputable(effects, Conclusions.Moderators, request.Model) : null,
            Bias = bias,
            Sensitivity = request.Includes(ReportPart.Sensitivity)
                ? Computed<SensitivityResponse>.Of(() => SensitivityAnalysis.Run(effects, new SensitivityRequest { Model = request.Model }, location,
                    withSeries: false)) : null,
            Bayes = request.Includes(ReportPart.Bayes)
                ? Computed<BayesResponse>.Of(() => BayesAnalysis.Run(effects, new BayesRequest { Model = request.Model }, location)) : null,
            Certainty = request.Includes(ReportPart.Certainty)
                ? CertaintyAnalysis.Of(effects, request.Model, pool, request.Add is null && CertaintyRequest.HasDefaults(request.Filter),
                    bias?.Response) : null,
        }, null);
    }
}

/// <summary>The response of an analysis, or why it cannot be computed.</summary>
internal sealed record Computed<T>(T? Response, Problem? Problem) where T : class
{
    public string Reason => Problem?.Errors[0].Detail.TrimEnd('.') ?? "";

    public static Computed<T> Of(Func<(T? Response, Problem? Problem)> run)
    {
        try
        {
            var (response, problem) = run();
            return new(response, problem);
        }
        catch (StatisticsException error)
        {
            return new(null, Problem.NotComputable(error.Code, error.Message));
        }
    }
}
