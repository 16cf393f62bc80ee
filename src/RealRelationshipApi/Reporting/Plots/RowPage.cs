using RealRelationshipApi.Analyses;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>The rows of a long list that a plot shows.</summary>
internal sealed record RowPage(int First, int Count, int Number, int PageCount)
{
    /// <summary>The requested page, or a problem if there are fewer pages.</summary>
    public static (RowPage? Page, Problem? Problem) Of(PagedPlotRequest request, int rows, ErrorLocation location)
    {
        var count = (int)(request.Rows ?? PagedPlotRequest.DefaultRows);
        var pages = count == 0 ? 1 : Math.Max(1, (rows + count - 1) / count);
        var page = request.Page ?? 1;
        return page > pages
            ? (null,
                Problem.Invalid(
                    [new FieldError(location.Member("page"), "outOfRange",
                        $"is the last page plus {page - pages}: there {(pages == 1 ? "is 1 page" : $"are {pages} pages")}")]))
            : (new((int)(page - 1) * count, count, (int)page, pages), null);
    }

    public IEnumerable<T> Of<T>(IReadOnlyList<T> rows) => rows.Skip(First).Take(Count);

    /// <summary>Short text about the number of hidden rows.</summary>
    public string HiddenRowsText(int rows) => Count == 0 ? $"{ApaFormat.Count(rows)} not listed"
        : $"{ApaFormat.Count(rows - Math.Min(Count, rows - First))} more on other pages";

    /// <summary>Note that rows are hidden; empty if none are.</summary>
    public string HiddenRowsNote(int rows) => Count == 0
        ? $"{Phrasing.Plural(rows, "row")} not shown"
        : PageCount == 1 ? ""
            : $"Rows {ApaFormat.Count(First + 1)}–{ApaFormat.Count(Math.Min(First + Count, rows))} of {ApaFormat.Count(rows)}; the others are on other pages "
                + $"(page {Number} of {PageCount})";
}
