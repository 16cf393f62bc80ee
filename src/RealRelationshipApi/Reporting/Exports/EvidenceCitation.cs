using Microsoft.AspNetCore.Http.Extensions;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>A state of the evidence as it is cited: by its revision, which never changes again.</summary>
/// <param name="BaseUrl">Where this service is reached, without a path.</param>
/// <param name="Query">The filter and model that were asked, as a query string without any time; empty for the usual ones.</param>
/// <param name="Data">What the answer rests on.</param>
internal sealed record EvidenceCitation(string BaseUrl, QueryString Query, DataProvenanceResponse Data)
{
    public const string Title = "The real relationship in psychotherapy: A living meta-analysis";

    /// <summary>Whoever runs the service answers for what is in it; what cites it names the software.</summary>
    public const string Author = "RealRelationshipApi";

    private static readonly string[] s_revisionParameters = ["asOf", "minRevision"];

    public static EvidenceCitation Of(HttpContext context, DataProvenanceResponse data)
    {
        var request = context.Request;
        var query =
            new QueryBuilder(request.Query.Where(p => !s_revisionParameters.Contains(p.Key) && AnalysisRequest.FilterAndModel.Any(q => q.Name == p.Key))
            .SelectMany(p => p.Value.Select(v => KeyValuePair.Create(p.Key, v ?? ""))));
        return new(PublicAddress.PrefixFor(request), query.ToQueryString(), data);
    }

    public long Revision => Data.Revision!.Value;

    /// <summary>The year in which the revision came about; null for one without evidence.</summary>
    public int? Year => Data.AsOf?.Year;

    public string Edition => $"Evidence revision {Revision}, software {Data.Version}";

    /// <summary>Answers the same for ever.</summary>
    public string Permalink => BaseUrl + PermanentPath("/");

    /// <summary>A path with the question of this snapshot, as of its revision.</summary>
    public string PermanentPath(string path) => $"{path}{Query.Add("asOf", $"{Revision}")}";

    /// <summary>As APA (7th edition) cites a data set.</summary>
    public string ApaText => $"{Author}. ({Year?.ToString() ?? "n.d."}). {Title} ({Edition}) [Data set]. {Permalink}";
}
