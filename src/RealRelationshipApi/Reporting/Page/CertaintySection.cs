using RealRelationshipApi.Analyses.Certainty;
using RealRelationshipApi.Reporting.Plots;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>How certain the evidence is: what numbers propose, and what people signed.</summary>
internal static class CertaintySection
{
    /// <param name="certainty">The certainty of the pooled association.</param>
    /// <param name="filterQuery">Query string of the filter alone.</param>
    public static Html Of(CertaintyResponse certainty, string filterQuery) => Html.Of($"""
        <h2 id="certainty">How certain it is</h2>
        <p>{CertaintyPhrasing.Overall(certainty)} Numbers propose, people sign.</p>
        <div class="wide" tabindex="0" role="region" aria-label="Certainty by domain">
        <table class="words">
          <caption>What may lower the certainty of the pooled association.
            <a href="/meta/riskOfBias.svg{filterQuery}">Risk of bias of each study as a picture</a></caption>
          <thead><tr><th scope="col">Domain</th><th scope="col">The numbers propose</th><th scope="col">Signed</th></tr></thead>
          <tbody>{certainty.Domains.Select(Row)}</tbody>
        </table>
        </div>
        """);

    private static Html Row(CertaintyDomainResponse domain) => Html.Of($"""
        <tr><th scope="row">{PlotText.Capitalize(CertaintyPhrasing.Describe(domain.Domain))}</th>
        <td><strong>{PlotText.Capitalize(CertaintyPhrasing.Describe(domain.Proposed))}.</strong> {domain.Because}</td>
        <td>{PlotText.Capitalize(CertaintyPhrasing.Describe(domain.Signed))}</td></tr>
        """);
}
