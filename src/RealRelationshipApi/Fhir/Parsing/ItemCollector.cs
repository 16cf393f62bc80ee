using System.Globalization;
using System.Text.RegularExpressions;

using Hl7.Fhir.Model;

using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Collects the answers of one form in item order: by LOINC code, by published name, or by
/// the number or letter at the end of a linkId or code.</summary>
/// <param name="reading">The resource.</param>
/// <param name="instrument">The form.</param>
/// <param name="measure">Index of the measure in the request, for errors.</param>
internal sealed partial class ItemCollector(ResourceReading reading, Instrument instrument, int measure = 0)
{
    private const int MaxItems = 500;

    private readonly FormQuestions? _questions = FormQuestions.ForInstrument(instrument.Code);
    private readonly SortedDictionary<int, double?> _items = [];
    private readonly SortedSet<int> _keyed = [];
    private string? _letteredStem;

    /// <summary>Indices of the items that are scores already; null if there are none.</summary>
    public IReadOnlyList<int>? KeyedItems => _keyed.Count == 0 ? null : [.. _keyed];

    /// <summary>The total score, if one is among the items.</summary>
    public double? Total { get; private set; }

    public string? TotalPath { get; private set; }

    /// <summary>Items in the order of the form, null for a missing one; null when no item was answered.</summary>
    public IReadOnlyList<double?>? Items =>
        _items.Count == 0 ? null
            : [.. Enumerable.Range(1, Math.Max((int)(instrument.Items?.Count ?? 0), _items.Keys.Max())).Select(n => _items.GetValueOrDefault(n))];

    /// <summary>Whether a question of the form is not scored. Its answer is not read, whatever its type.</summary>
    public bool IsUnscored(IReadOnlyList<string> names) => _questions is not null
        && names.Any(n => _questions.Beside.Contains(n) || _questions.Beside.Contains(TrailingNumber(n)?.ToString(CultureInfo.InvariantCulture))
            || _questions.Beside.Contains(LastWord(n)));

    /// <summary>Adds an error if the question is who answered, and the answer is someone else than the client.</summary>
    public void CheckRater(IReadOnlyList<string> names, DataType? answer, string place)
    {
        if (_questions?.CompletedBy is { } by && names.Any(n => LastWord(n) == by.Question) && NumericValueReader.ReadPlainNumber(answer) is { } number
            && number != by.Client)
        {
            reading.AddError(place, InstrumentErrorCodes.WrongRater,
                $"says that someone else than the client answered: {instrument.Code} is scored by the client");
        }
    }

    /// <summary>Whether a question is an item or the total.</summary>
    public bool IsScored(IReadOnlyList<string> names) => names.Any(n => FindItemNumber(n) is not null || IsTotal(n));

    /// <summary>Adds an answer by its linkId or codes; adds an error if none of them identifies an item.</summary>
    public void Add(IReadOnlyList<string> names, double? number, string place, bool isKeyed = false)
    {
        if (names.Select(FindItemNumber).FirstOrDefault(n => n is not null) is { } item)
        {
            AddItem(item, number, place, isKeyed);
        }
        else if (names.Any(IsTotal))
        {
            AddTotal(number, place);
        }
        else
        {
            reading.AddError(place, FhirErrorCodes.UnknownItem,
                $"is no item of {instrument.Code} and not its total: name items by LOINC, or with their number at the end (q1, q2, …), and the total "
                    + "\"total\"; or send the Questionnaire in the same bundle, with LOINC codes of its items");
        }
    }

    private void AddItem(int item, double? number, string place, bool isKeyed)
    {
        if (_items.TryAdd(item, number))
        {
            if (isKeyed)
            {
                _keyed.Add(item - 1);
            }

            reading.MapPointer($"#/measures/{measure}/items/{item - 1}", place);
            return;
        }

        reading.AddError(place, FhirErrorCodes.RepeatedItem, $"answers item {item} a second time");
    }

    private void AddTotal(double? number, string place)
    {
        if (TotalPath is not null)
        {
            reading.AddError(place, FhirErrorCodes.RepeatedItem, "is a second total");
            return;
        }

        (Total, TotalPath) = (number, place);
    }

    private bool IsTotal(string name) => instrument.Codings.Any(c => c.Code == name && c.Scale == Instrument.Total) || TotalNamePattern().IsMatch(name)
        || (instrument.Scales.Count == 1 && ScoreNamePattern().IsMatch(name));

    private int? FindItemNumber(string name)
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

        var maxItems = instrument.Items?.Count ?? MaxItems;
        return instrument.Codings.Any(c => c.Code == name) ? null
            : TrailingNumber(name) is { } number ? number >= 1 && number <= maxItems ? number : null
            : TrailingLetter(name, maxItems);
    }

    // Item a of question 2 of a longer form, as in phq-2a: all items have the same stem.
    private int? TrailingLetter(string name, long maxItems)
    {
        if (LetteredPattern().Match(name) is not { Success: true } match || (_letteredStem ?? match.Groups["stem"].Value) != match.Groups["stem"].Value)
        {
            return null;
        }

        var item = char.ToLowerInvariant(match.Groups["letter"].Value[0]) - 'a' + 1;
        _letteredStem = item <= maxItems ? match.Groups["stem"].Value : _letteredStem;
        return item <= maxItems ? item : null;
    }

    private static string LastWord(string name) => LastWordPattern().Match(name).Value.ToLowerInvariant();

    private static int? TrailingNumber(string name) =>
        !LoincCodePattern().IsMatch(name) && TrailingNumberPattern().Match(name) is { Success: true } match
            ? int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^(.*[^0-9])?(?<number>[0-9]{1,3})\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TrailingNumberPattern();

    [GeneratedRegex(@"^[0-9]{3,6}-[0-9]\z", RegexOptions.None, 1000)]
    private static partial Regex LoincCodePattern();

    [GeneratedRegex(@"^(?<stem>(.*[0-9._-])?)(?<letter>[a-zA-Z])\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LetteredPattern();

    [GeneratedRegex(@"[A-Za-z]+\z", RegexOptions.None, 1000)]
    private static partial Regex LastWordPattern();

    [GeneratedRegex(@"(^|[-_./])(sum|sum[-_ ]?score|score)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScoreNamePattern();

    [GeneratedRegex(@"(^|[-_./])total([-_ ]?score)?\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TotalNamePattern();
}
