using Microsoft.AspNetCore.Http.Extensions;

namespace RealRelationshipApi.Meta.TakeAway;

/// <summary>A state of the evidence as it is cited: by its revision, which never changes again.</summary>
/// <param name="Address">Where this service is reached, without a path.</param>
/// <param name="Question">The filter and model that were asked, as a query string without any time; empty for the usual ones.</param>
/// <param name="Data">What the answer rests on.</param>
internal sealed record Snapshot(string Address, QueryString Question, DataAnswer Data)
{
    public const string Title = "The real relationship in psychotherapy: A living meta-analysis";

    /// <summary>Whoever runs the service answers for what is in it; what cites it names the software.</summary>
    public const string Author = "RealRelationshipApi";

    private static readonly string[] s_timesOfEvidence = ["asOf", "minRevision"];

    public static Snapshot Of(HttpContext context, DataAnswer data)
    {
        var request = context.Request;
        var question = new QueryBuilder(request.Query.Where(p => !s_timesOfEvidence.Contains(p.Key) && QuestionParameters.Question.Any(q => q.Name == p.Key))
            .SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))));
        return new($"{request.Scheme}://{request.Host}{request.PathBase}", question.ToQueryString(), data);
    }

    public long Revision => Data.Revision!.Value;

    /// <summary>The year in which the revision came about; null for one without evidence.</summary>
    public int? Year => Data.AsOf?.Year;

    public string Edition => $"Evidence revision {Revision}, software {Data.Version}";

    /// <summary>Answers the same for ever.</summary>
    public string Permalink => Address + PermanentPath("/");

    /// <summary>A path with the question of this snapshot, as of its revision.</summary>
    public string PermanentPath(string path) => $"{path}{Question.Add("asOf", $"{Revision}")}";

    /// <summary>As APA (7th edition) cites a data set.</summary>
    public string InWords => $"{Author}. ({Year?.ToString() ?? "n.d."}). {Title} ({Edition}) [Data set]. {Permalink}";
}
