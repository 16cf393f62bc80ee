namespace RealRelationshipApi.Reporting.Manual;

/// <summary>A heading of a page of the manual with the text below it.</summary>
/// <param name="Page">The page.</param>
/// <param name="Heading">The heading; the title of the page for what stands before its first one.</param>
/// <param name="Anchor">Fragment of the address; empty at the top of the page.</param>
/// <param name="Text">The text below, without marks.</param>
internal sealed record ManualSection(ManualPage Page, string Heading, string Anchor, string Text)
{
    private const int ExcerptLength = 240;

    /// <summary>Address of the section.</summary>
    public string Address => Anchor.Length == 0 ? Page.Address : $"{Page.Address}#{Anchor}";

    /// <summary>How often the words occur; 0 unless all do. In a heading a word counts ten times, and so does the whole phrase anywhere.</summary>
    /// <param name="words">The words, of any case.</param>
    /// <param name="phrase">The words as given.</param>
    public int Score(IReadOnlyList<string> words, string phrase)
    {
        var counts = words.Select(word => (10 * CountOf(Heading, word)) + CountOf(Text, word)).ToArray();
        return counts.Contains(0) ? 0 : counts.Sum() + (10 * CountOf($"{Heading} {Text}", phrase));
    }

    /// <summary>The text around the phrase, or else around the first of the words.</summary>
    /// <param name="words">The words, of any case.</param>
    /// <param name="phrase">The words as given.</param>
    public string Excerpt(IReadOnlyList<string> words, string phrase)
    {
        var whole = Text.IndexOf(phrase, StringComparison.OrdinalIgnoreCase);
        var first = whole >= 0 ? whole
            : words.Select(word => Text.IndexOf(word, StringComparison.OrdinalIgnoreCase)).Where(at => at >= 0).DefaultIfEmpty(0).Min();
        var from = first < ExcerptLength / 3 ? 0 : Text.IndexOf(' ', first - (ExcerptLength / 3)) + 1;
        var to = from + ExcerptLength >= Text.Length ? Text.Length : Text.LastIndexOf(' ', from + ExcerptLength);
        to = to <= from ? Math.Min(Text.Length, from + ExcerptLength) : to;
        return (from > 0 ? "… " : "") + Text[from..to] + (to < Text.Length ? " …" : "");
    }

    private static int CountOf(string text, string word)
    {
        var count = 0;
        for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0;
            at = text.IndexOf(word, at + word.Length, StringComparison.OrdinalIgnoreCase))
        {
            count++;
        }

        return count;
    }
}
