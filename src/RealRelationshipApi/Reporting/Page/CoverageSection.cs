namespace RealRelationshipApi.Reporting.Page;

/// <summary>Where evidence is missing.</summary>
internal static class CoverageSection
{
    /// <param name="filterQuery">Query string of the filter alone.</param>
    public static Html Of(string filterQuery) => Html.Of($"""
        <h2 id="coverage">What has been studied, and what has not</h2>
        <figure>
          <div class="wide" tabindex="0" role="region" aria-label="Coverage">
            <img src="/meta/coverage.svg{filterQuery}" width="960" height="460" loading="lazy"
              alt="Table of effects and participants by raters and type of outcome; empty cells say none. The same numbers are in the CSV below.">
          </div>
          <figcaption><a href="/meta/coverage.svg{filterQuery}">Coverage</a> ·
            <a href="/meta/coverage.csv{filterQuery}">by level and country, with the empty cells, as CSV</a></figcaption>
        </figure>
        """);
}
