using FluentValidation;

using Microsoft.AspNetCore.WebUtilities;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Moderators;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Practice;

/// <summary>Checks the link of a statement as the service will check it when it is followed.</summary>
internal sealed class PracticeQuery(IValidator<PoolRequest> pool, IValidator<ModeratorsRequest> moderators)
{
    private static readonly EffectSetEndpoint<PoolRequest, PoolResponse> s_pool = new() { Empty = new(), Run = PoolAnalysis.Run };
    private static readonly EffectSetEndpoint<ModeratorsRequest, ModeratorsResponse> s_moderators =
        new()
        {
            Empty = new() { By = [] }, Options = ModeratorsRequest.Options, Run = ModeratorsAnalysis.Run, Uses = OptionUse.Prediction | OptionUse.Sequence,
        };

    /// <summary>What is wrong with a link; nothing if it can be followed, or is absent.</summary>
    public IEnumerable<string> FindFaults(string? link)
    {
        var (path, query) = link?.Split('?', 2) switch
        {
            [var alone] => (alone, ""),
            [var before, var after] => (before, after),
            _ => ("", ""),
        };
        var parameters = new QueryCollection(QueryHelpers.ParseQuery(query));
        return path switch
        {
            "" => [],
            "/meta/pool" => s_pool.FindErrors(parameters, pool).Select(Sentence),
            "/meta/moderators" => s_moderators.FindErrors(parameters, moderators).Select(Sentence),
            _ => ["must be /meta/pool or /meta/moderators with parameters, such as /meta/pool?outcomeType=sessionOutcome"],
        };
    }

    private static string Sentence(FieldError error) => $"{error.Pointer} {error.Detail}";
}
