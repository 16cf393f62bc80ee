using RealRelationshipApi.Documents;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>Who curates the evidence, and how it is collected.</summary>
internal static class AboutSection
{
    public static Html Of(About about)
    {
        (string Name, string? Text)[] declared =
        [
            ("Curators", about.Curators.Count > 0 ? string.Join("; ", about.Curators) : null),
            ("Contact", about.Contact),
            ("Licence of the data", about.Licence),
            ("DOI", about.Doi),
            ("Protocol", about.Protocol),
            ("Searched", about.Search is { Sources.Count: > 0 } search ? string.Join("; ", search.Sources) : null),
            ("Search strings", about.Search is { Strings.Count: > 0 } strings ? string.Join("; ", strings.Strings) : null),
            ("Last searched", about.Search?.LastSearched?.ToString("yyyy-MM-dd")),
            ("Searched again", about.Search?.Cadence),
            ("Stopping rule", about.StoppingRule),
            ("Conflicts of interest", about.Conflicts),
        ];
        var known = declared.Where(item => item.Text is not null).ToList();
        return Html.Of($"""
            <section aria-labelledby="about">
              <h2 id="about">Who curates this, and how</h2>
              {(known.Count == 0 ? Html.Of($"<p>Nothing is declared yet: no curators, no search, no licence.</p>")
                : Html.Of($"<dl>{known.Select(item => Html.Of($"<dt>{item.Name}</dt><dd>{item.Text}</dd>"))}</dl>"))}
              <p><a href="/about">The same as JSON</a></p>
            </section>
            """);
    }
}
