using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta.Pictures;

/// <summary>Which rows of a long list a picture shows.</summary>
internal sealed record PageOfRows(int First, int Count, int Page, int Pages)
{
    /// <summary>The page that was asked for; a problem when the list ends before it.</summary>
    public static (PageOfRows? Page, Problem? Problem) Of(PagedPictureRequest request, int rows, Asked asked)
    {
        var count = (int)(request.Rows ?? PagedPictureRequest.UsualRows);
        var pages = count == 0 ? 1 : Math.Max(1, (rows + count - 1) / count);
        var page = request.Page ?? 1;
        return page > pages
            ? (null, Problem.Invalid([new FieldError(asked.Member("page"), "outOfRange", $"is the last page plus {page - pages}: there {(pages == 1 ? "is 1 page" : $"are {pages} pages")}")]))
            : (new((int)(page - 1) * count, count, (int)page, pages), null);
    }

    public IEnumerable<T> Of<T>(IReadOnlyList<T> rows) => rows.Skip(First).Take(Count);

    /// <summary>How many rows a page does not show, in few words.</summary>
    public string Others(int rows) => $"{Apa.Count(rows - Math.Min(Count, rows - First))} more {(Count == 0 ? "(rows=0)" : "on other pages")}";

    /// <summary>Says that a page is not the whole; empty when it is.</summary>
    public string WhereOthersAre(int rows) => Count == 0
        ? $"{Words.Many(rows, "row")} not shown"
        : Pages == 1 ? "" : $"Rows {Apa.Count(First + 1)}–{Apa.Count(Math.Min(First + Count, rows))} of {Apa.Count(rows)}; the others are on other pages (page {Page} of {Pages})";
}
