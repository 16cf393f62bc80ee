using Microsoft.AspNetCore.Http.Extensions;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Http;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Citation of the evidence at a revision, which never changes.</summary>
/// <param name="BaseUrl">Address of the service, without a path.</param>
/// <param name="Query">Filter and model as a query string without revisions; empty for the defaults.</param>
/// <param name="Data">Provenance of the result.</param>
/// <param name="About">What the service says of its evidence.</param>
internal sealed record EvidenceCitation(string BaseUrl, QueryString Query, DataProvenanceResponse Data, About About)
{
    // The software, since the content is the responsibility of its operator.
    private const string DefaultAuthor = "RealRelationshipApi";

    private static readonly string[] s_revisionParameters = ["asOf", "minRevision"];

    public static EvidenceCitation Of(HttpContext context, DataProvenanceResponse data)
    {
        var request = context.Request;
        var query =
            new QueryBuilder(request.Query.Where(p => !s_revisionParameters.Contains(p.Key) && AnalysisRequest.FilterAndModel.Any(q => q.Name == p.Key)));
        return new(PublicAddress.PrefixFor(request), query.ToQueryString(), data, context.Document(About.Type))
        {
            AsOf = request.Query["asOf"],
            Hypothetical = request.Query[AddedEffects.Parameter.Name].Count,
        };
    }

    public string Title => About.Title;

    /// <summary>The curators, otherwise the software.</summary>
    public IReadOnlyList<string> Authors => About.Curators.Count > 0 ? About.Curators : [DefaultAuthor];

    /// <summary>Address of the DOI of the data set; null without one.</summary>
    public string? DoiAddress => About.Doi is { } doi ? $"https://doi.org/{doi}" : null;

    public long Revision => Data.Revision!.Value;

    /// <summary>Year of the revision; null if there is no evidence.</summary>
    public int? Year => Data.AsOf?.Year;

    /// <summary>The revision that the query asks for; null for the current one.</summary>
    public string? AsOf { get; init; }

    /// <summary>Number of hypothetical effects that the query adds, which are no evidence.</summary>
    public required int Hypothetical { get; init; }

    public string Edition =>
        $"Evidence revision {Revision}{(Hypothetical > 0 ? $" with {Phrasing.Plural(Hypothetical, "hypothetical effect")} added" : "")}, "
        + $"software {Data.Version}";

    /// <summary>URL of this result at this revision.</summary>
    public string Permalink => BaseUrl + PermanentPath("/");

    /// <summary>A path with the query of this citation at its revision.</summary>
    public string PermanentPath(string path) => $"{path}{Query.Add("asOf", $"{Revision}")}";

    /// <summary>Citation of a data set in APA style (7th edition).</summary>
    public string ApaText => $"{AuthorText} ({Year?.ToString() ?? "n.d."}). {Title} ({Edition}) [Data set]. "
        + (DoiAddress is { } doi ? $"{doi} ({Permalink})" : Permalink);

    private string AuthorText
    {
        get
        {
            var text = Authors.Count > 1 ? $"{string.Join(", ", Authors.SkipLast(1))}, & {Authors[^1]}" : Authors[0];
            return text.EndsWith('.') ? text : $"{text}.";
        }
    }
}
