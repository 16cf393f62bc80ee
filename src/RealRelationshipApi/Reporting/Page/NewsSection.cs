using Microsoft.AspNetCore.WebUtilities;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Analyses.WhatIf;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Reporting.Exports;
using RealRelationshipApi.Reporting.News;

namespace RealRelationshipApi.Reporting.Page;

/// <summary>What the last revisions changed, and where to read on.</summary>
internal static class NewsSection
{
    private const string Unchanged = "The last revisions changed nothing of this question.";

    /// <summary>Number of revisions that the page covers.</summary>
    public const int Revisions = 5;

    /// <summary>Whether the script of the page asks for the news, so that the estimate need not wait for them.</summary>
    public static bool IsDeferred(EffectSet effects) => effects.Count > AnalysisRun.MaxCheapEffects;

    /// <param name="news">The news; null if they are deferred, or cost too much.</param>
    /// <param name="isDeferred">Whether they are deferred.</param>
    /// <param name="snapshot">How the evidence is cited.</param>
    public static Html Of(IReadOnlyList<NewsItem>? news, bool isDeferred, EvidenceCitation snapshot) => Html.Of($"""
        <section aria-labelledby="news">
          <h2 id="news">What is new</h2>
          {(isDeferred ? Deferred(snapshot) : Items(news, snapshot))}
          <p>Each revision has its sentence, which stays the same: <a href="/meta/news{QuestionAsOf(snapshot)}">all of them as JSON</a> ·
            <a href="/meta/news.atom{Question(snapshot)}" type="application/atom+xml">as a feed to subscribe to</a></p>
        </section>
        """);

    /// <summary>The feed, for programs that look for one.</summary>
    public static Html FeedLink(EvidenceCitation snapshot) => Html.Of($"""
        <link rel="alternate" type="application/atom+xml" title="{snapshot.Title}" href="/meta/news.atom{Question(snapshot)}">
        """);

    // Hypothetical effects are no news.
    private static QueryString Question(EvidenceCitation snapshot) => snapshot.Hypothetical == 0 ? snapshot.Query
        : QueryString.Create(QueryHelpers.ParseQuery(snapshot.Query.Value).Where(parameter => parameter.Key != AddedEffects.Parameter.Name));

    // A feed goes on, whatever revision the page shows.
    private static QueryString QuestionAsOf(EvidenceCitation snapshot) =>
        snapshot.AsOf is { } revision ? Question(snapshot).Add("asOf", revision) : Question(snapshot);

    private static Html Deferred(EvidenceCitation snapshot) => Html.Of($"""
        <p id="later-news" data-source="/meta/news{QuestionAsOf(snapshot).Add("limit", $"{Revisions}")}" data-page="/{Question(snapshot)}"
          data-unchanged="{Unchanged}">With this many effects the last revisions are compared after the estimate is shown, by a script.</p>
        """);

    private static Html Items(IReadOnlyList<NewsItem>? news, EvidenceCitation snapshot) => news switch
    {
        null => Html.Of($"<p>There are too many effects to compare the last revisions here.</p>"),
        [] => Html.Of($"<p>{Unchanged}</p>"),
        _ => Html.Of($"<ul class=\"news\">{news.Select(item => Item(item, snapshot))}</ul>"),
    };

    private static Html Item(NewsItem item, EvidenceCitation snapshot) => Html.Of($"""
        <li><a href="/{Question(snapshot).Add("asOf", $"{item.Revision}")}">Revision {item.Revision}</a>, {item.RecordedAt.ToString("yyyy-MM-dd")}:
          {NewsSentence.Of(item)}</li>
        """);
}
