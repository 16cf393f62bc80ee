using System.Globalization;
using System.Text.RegularExpressions;

using RealRelationshipApi.Http;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir.Parsing.Forms;

/// <summary>The item numbers of a form's questions: by LOINC code, by published name, or by the number or letter at the end of a linkId or code. The items of
/// a form are named alike: only names of the stem that most of them have count, so that <c>week-3</c> beside <c>q1</c> … <c>q9</c> is no item.</summary>
internal sealed partial class ItemNumbering
{
    private const int MaxItems = 500;
    private const string Published = "#published";
    private const string Lettered = "#letter ";

    private static readonly string[] s_bareStems = ["", "q", "question", "item"];

    private readonly Instrument _instrument;
    private readonly FormQuestions? _questions;
    private readonly long _maxItems;
    private readonly string? _stem;

    /// <param name="instrument">The form.</param>
    /// <param name="questions">Names of each question, some of which may be no item.</param>
    public ItemNumbering(Instrument instrument, IEnumerable<IReadOnlyList<string>> questions)
    {
        (_instrument, _questions, _maxItems) = (instrument, FormQuestions.ForInstrument(instrument.Code), instrument.Items?.Count ?? MaxItems);
        _stem = questions.SelectMany(names => names.SelectMany(Candidates).DistinctBy(c => c.Stem)).Where(c => c.Number <= _maxItems)
            .GroupBy(c => c.Stem, c => c.Number, StringComparer.Ordinal)
            .Select(g => (Stem: g.Key, Count: g.Distinct().Count())).Where(s => IsFormStem(s.Stem) || s.Count * 2 >= _maxItems)
            .OrderByDescending(s => s.Count).ThenByDescending(s => IsFormStem(s.Stem)).ThenBy(s => s.Stem, StringComparer.Ordinal).FirstOrDefault().Stem;
    }

    /// <summary>The item number of a question, from 0 as sent and beyond the number of items if it is so named; null for a question that is no item.</summary>
    public int? NumberOf(IReadOnlyList<string> names)
    {
        foreach (var candidate in names.SelectMany(Candidates).Where(c => c.Stem == _stem))
        {
            return candidate.Number;
        }

        return null;
    }

    /// <summary>The number at the end of a name that is no LOINC code; null for none.</summary>
    public static int? TrailingNumber(string name) => NumberedPart(name)?.Number;

    /// <summary>The last word of a name, in lower case; empty if it ends otherwise.</summary>
    public static string LastWord(string name) => LastWordPattern().Match(name).Value.ToLowerInvariant();

    // The stem of the instrument itself needs no other items to be known: phq9-1, core10_q1, 1, q1.
    private bool IsFormStem(string stem) => stem == Published || s_bareStems.Contains(stem)
        || (!stem.StartsWith('#') && (stem.Contains(SimilarNames.Normalize(_instrument.Code), StringComparison.Ordinal)
            || (FirstLettersPattern().Match(_instrument.Code) is { Success: true } family && stem.StartsWith(family.Value, StringComparison.Ordinal))));

    private IEnumerable<(string Stem, int Number)> Candidates(string name)
    {
        if (PublishedNumber(name) is { } published)
        {
            yield return (Published, published);
        }
        else if (_instrument.Codings.Any(c => c.Code == name))
        {
            // The code of a score.
        }
        else if (NumberedPart(name) is { } numbered)
        {
            yield return numbered;
        }
        else if (LetteredPattern().Match(name) is { Success: true } match)
        {
            // Item a of question 2 of a longer form, as in phq-2a.
            yield return (Lettered + match.Groups["stem"].Value, char.ToLowerInvariant(match.Groups["letter"].Value[0]) - 'a' + 1);
        }
    }

    private int? PublishedNumber(string name)
    {
        for (var i = 0; i < (_questions?.Items.Count ?? 0); i++)
        {
            if (_questions!.Items[i] == name)
            {
                return i + 1;
            }
        }

        for (var i = 0; i < (_questions?.Names.Count ?? 0); i++)
        {
            if (_questions!.Names[i] == LastWord(name))
            {
                return i + 1;
            }
        }

        return null;
    }

    private static (string Stem, int Number)? NumberedPart(string name) =>
        !LoincCodePattern().IsMatch(name) && NumberedPattern().Match(name) is { Success: true } match
            ? (SimilarNames.Normalize(match.Groups["stem"].Value), int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)) : null;

    [GeneratedRegex(@"^(?<stem>(.*[^0-9])?)(?<number>[0-9]{1,3})\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NumberedPattern();

    [GeneratedRegex(@"^[0-9]{3,6}-[0-9]\z", RegexOptions.None, 1000)]
    private static partial Regex LoincCodePattern();

    [GeneratedRegex(@"^(?<stem>(.*[0-9._-])?)(?<letter>[a-zA-Z])\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LetteredPattern();

    [GeneratedRegex(@"[A-Za-z]+\z", RegexOptions.None, 1000)]
    private static partial Regex LastWordPattern();

    [GeneratedRegex("^[a-z]{3,}", RegexOptions.None, 1000)]
    private static partial Regex FirstLettersPattern();
}
