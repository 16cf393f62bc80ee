using Microsoft.AspNetCore.Http.Extensions;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Citation of the evidence at a revision, which never changes.</summary>
/// <param name="BaseUrl">Address of the service, without a path.</param>
/// <param name="Query">Filter and model as a query string without revisions; empty for the defaults.</param>
/// <param name="Data">Provenance of the result.</param>
internal sealed record EvidenceCitation(string BaseUrl, QueryString Query, DataProvenanceResponse Data)
{
    public const string Title = "The real relationship in psychotherapy: A living meta-analysis";

    /// <summary>The citation names the software as author, since the content is the responsibility of its operator.</summary>
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

    /// <summary>Year of the revision; null if there is no evidence.</summary>
    public int? Year => Data.AsOf?.Year;

    public string Edition => $"Evidence revision {Revision}, software {Data.Version}";

    /// <summary>URL of this result at this revision.</summary>
    public string Permalink => BaseUrl + PermanentPath("/");

    /// <summary>A path with the query of this citation at its revision.</summary>
    public string PermanentPath(string path) => $"{path}{Query.Add("asOf", $"{Revision}")}";

    /// <summary>Citation of a data set in APA style (7th edition).</summary>
    public string ApaText => $"{Author}. ({Year?.ToString() ?? "n.d."}). {Title} ({Edition}) [Data set]. {Permalink}";
}
