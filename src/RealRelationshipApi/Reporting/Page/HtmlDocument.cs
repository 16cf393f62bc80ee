namespace RealRelationshipApi.Reporting.Page;

/// <summary>The frame that all pages have.</summary>
internal static class HtmlDocument
{
    /// <summary>A document with title, icon, and both colour schemes.</summary>
    /// <param name="title">Its title.</param>
    /// <param name="head">What else is in its head: style sheets and scripts.</param>
    /// <param name="body">Its body element.</param>
    public static Html Of(string title, Html head, Html body) => Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8">
          <meta name="viewport" content="width=device-width, initial-scale=1">
          <meta name="color-scheme" content="light dark">
          <title>{title}</title>
          <link rel="icon" href="/page.svg" type="image/svg+xml">
          {head}
        </head>
        {body}
        </html>
        """);
}
