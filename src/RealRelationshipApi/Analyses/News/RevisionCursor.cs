using System.Globalization;

using RealRelationshipApi.Http;

namespace RealRelationshipApi.Analyses.News;

/// <summary>Cursor of lists of evidence revisions, newest first: the last revision of the previous page.</summary>
internal static class RevisionCursor
{
    /// <summary>Reads <c>cursor</c>; null on the first page. An error is added to the reader.</summary>
    public static long? Read(QueryReader query)
    {
        var text = PageRequest.ReadCursor(query);
        if (text.Length == 0)
        {
            return null;
        }

        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            return revision;
        }

        PageRequest.AddInvalidCursor(query);
        return null;
    }

    /// <summary>The first revision of a page.</summary>
    /// <param name="cursor">Its cursor.</param>
    /// <param name="current">The newest revision.</param>
    public static long FirstOf(long? cursor, long current) => cursor is { } last ? Math.Min(Math.Max(0, last - 1), current) : current;

    /// <summary>The position after a revision, for <see cref="PageRequest.NextCursor"/>.</summary>
    public static string Text(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
