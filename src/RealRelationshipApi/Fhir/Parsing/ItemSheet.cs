using System.Globalization;
using System.Text.RegularExpressions;

using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir;

/// <summary>The answers of one form, put in their places: by LOINC code, or by the number at the end of their names.</summary>
internal sealed partial class ItemSheet(Reading reading, Instrument instrument)
{
    private const int MostItems = 500;

    private readonly Form? _form = Form.Of(instrument.Code);
    private readonly SortedDictionary<int, double?> _items = [];

    /// <summary>The total that stands among the items; null where none does.</summary>
    public double? Total { get; private set; }

    public string? TotalPlace { get; private set; }

    /// <summary>Every item of the form in its order, null for a missing one; null where there is none at all.</summary>
    public IReadOnlyList<double?>? Items =>
        _items.Count == 0 ? null : [.. Enumerable.Range(1, Math.Max((int)(instrument.Items?.Count ?? 0), _items.Keys.Max())).Select(n => _items.GetValueOrDefault(n))];

    /// <summary>Puts an answer where one of its names says; refuses one that no name places.</summary>
    public void Take(IReadOnlyList<string> names, double? number, string place)
    {
        if (_form is not null && names.Any(n => _form.Beside.Contains(n) || _form.Beside.Contains(NumberAtEnd(n)?.ToString(CultureInfo.InvariantCulture))))
        {
            return;
        }

        if (names.Select(ItemOf).FirstOrDefault(n => n is not null) is { } item)
        {
            Put(item, number, place);
        }
        else if (names.Any(IsTotal))
        {
            PutTotal(number, place);
        }
        else
        {
            reading.Refuse(place, FhirFaults.UnknownItem, $"is no item of {instrument.Code} and not its total: name items by LOINC, or with their number at the end (q1, q2, …), and the total \"total\"");
        }
    }

    private void Put(int item, double? number, string place)
    {
        if (_items.TryAdd(item, number))
        {
            reading.Stands($"#/measures/0/items/{item - 1}", place);
            return;
        }

        reading.Refuse(place, FhirFaults.RepeatedItem, $"answers item {item} a second time");
    }

    private void PutTotal(double? number, string place)
    {
        if (TotalPlace is not null)
        {
            reading.Refuse(place, FhirFaults.RepeatedItem, "is a second total");
            return;
        }

        (Total, TotalPlace) = (number, place);
    }

    private bool IsTotal(string name) => instrument.Codings.Any(c => c.Code == name && c.Scale == Instrument.Total) || TotalName().IsMatch(name);

    private int? ItemOf(string name)
    {
        for (var i = 0; i < (_form?.Items.Count ?? 0); i++)
        {
            if (_form!.Items[i] == name)
            {
                return i + 1;
            }
        }

        var most = instrument.Items?.Count ?? MostItems;
        return !instrument.Codings.Any(c => c.Code == name) && NumberAtEnd(name) is { } number && number >= 1 && number <= most ? number : null;
    }

    private static int? NumberAtEnd(string name) =>
        !LoincCode().IsMatch(name) && EndingNumber().Match(name) is { Success: true } match ? int.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex(@"^(.*\D)?(?<number>\d{1,3})\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex EndingNumber();

    [GeneratedRegex(@"^\d{3,6}-\d\z", RegexOptions.None, 1000)]
    private static partial Regex LoincCode();

    [GeneratedRegex(@"(^|[-_./])total([-_ ]?score)?\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TotalName();
}
