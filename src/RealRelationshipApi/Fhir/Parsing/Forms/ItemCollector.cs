using System.Globalization;
using System.Text.RegularExpressions;

using Hl7.Fhir.Model;

using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir.Parsing.Forms;

/// <summary>A question of a form, or a component of an Observation.</summary>
/// <param name="Names">Its codes, and the last part of its linkId.</param>
/// <param name="Value">The answer; null for none.</param>
/// <param name="Place">FHIRPath of the question.</param>
/// <param name="ValuePlace">FHIRPath of the answer.</param>
internal sealed record FormAnswer(IReadOnlyList<string> Names, DataType? Value, string Place, string ValuePlace)
{
    /// <summary>Whether it is named as a question of another instrument, whose total is none of this form.</summary>
    public bool IsOfOtherForm { get; init; }

    /// <summary>The score of a coding that the questionnaire defines; null if it is not known.</summary>
    public Func<Coding, double?>? WeightOf { get; init; }

    /// <summary>FHIRPath of the answers if there are several; null otherwise.</summary>
    public string? SeveralAnswers { get; init; }
}

/// <summary>Collects the answers of one form in item order. Questions beside the form are passed over before they are read, whatever their answer is.</summary>
/// <param name="reading">The resource.</param>
/// <param name="instrument">The form.</param>
/// <param name="measure">Index of the measure in the request, for errors.</param>
internal sealed partial class ItemCollector(ResourceReading reading, Instrument instrument, int measure = 0)
{
    private readonly FormQuestions? _questions = FormQuestions.ForInstrument(instrument.Code);
    private readonly SortedDictionary<int, double?> _items = [];
    private readonly SortedSet<int> _keyed = [];

    /// <summary>Indices of the items that are scores already; null if there are none.</summary>
    public IReadOnlyList<int>? KeyedItems => _keyed.Count == 0 ? null : [.. _keyed];

    /// <summary>The total score, if one is among the items.</summary>
    public double? Total { get; private set; }

    /// <summary>Its aggregation, if its unit says so.</summary>
    public ScoreAggregation? Aggregation { get; private set; }

    public string? TotalPath { get; private set; }

    /// <summary>Items in the order of the form, null for a missing one; null when no item was answered.</summary>
    public IReadOnlyList<double?>? Items =>
        _items.Count == 0 ? null
            : [.. Enumerable.Range(1, Math.Max((int)(instrument.Items?.Count ?? 0), _items.Keys.Max())).Select(n => _items.GetValueOrDefault(n))];

    /// <summary>Reads the answers to items and the total; adds an error for what is named as one and is none.</summary>
    public ItemCollector Collect(IReadOnlyList<FormAnswer> answers)
    {
        var scored = answers.Where(a => !PassOver(a)).ToList();
        var numbering = new ItemNumbering(instrument, scored.Where(a => !IsTotal(a)).Select(a => a.Names));
        var isZeroBased = scored.Exists(a => !IsTotal(a) && numbering.NumberOf(a.Names) == 0);
        foreach (var answer in scored)
        {
            if (IsTotal(answer))
            {
                AddTotal(answer);
            }
            else if (numbering.NumberOf(answer.Names) is { } item
                && (item <= (instrument.Items?.Count ?? int.MaxValue) || NumericValueReader.IsNumber(answer.Value) || NumericValueReader.IsKeyed(answer.Value)))
            {
                AddItem(item, answer, isZeroBased);
            }
            else
            {
                reading.Drop(answer.Place);
            }
        }

        return this;
    }

    // A question that the form is known to have beside its items.
    private bool PassOver(FormAnswer answer)
    {
        if (_questions is null || !answer.Names.Any(n => _questions.Beside.Contains(n)
            || _questions.Beside.Contains(ItemNumbering.TrailingNumber(n)?.ToString(CultureInfo.InvariantCulture))
            || _questions.Beside.Contains(ItemNumbering.LastWord(n))))
        {
            return false;
        }

        if (_questions.CompletedBy is { } by && answer.Names.Any(n => ItemNumbering.LastWord(n) == by.Question)
            && NumericValueReader.ReadPlainNumber(answer.Value) is { } number && number != by.Client)
        {
            reading.AddError(answer.ValuePlace, InstrumentErrorCodes.WrongRater,
                $"says that someone else than the client answered: {instrument.Code} is scored by the client");
        }

        reading.PassOver(answer.Place);
        return true;
    }

    private void AddItem(int item, FormAnswer answer, bool isZeroBased)
    {
        if (isZeroBased)
        {
            if (item == 0)
            {
                reading.AddError(answer.Place, FhirErrorCodes.UnknownItem,
                    $"numbers the items of {instrument.Code} from 0, so that no item is certain: number them from 1, in the order of the form");
            }

            return;
        }

        if (item > (instrument.Items?.Count ?? int.MaxValue))
        {
            reading.AddError(answer.Place, FhirErrorCodes.UnknownItem,
                $"is no item of {instrument.Code}, which has {instrument.Items!.Count}: name items by LOINC, or with their number at the end (q1, q2, …), and "
                    + "the total \"total\"; or send the Questionnaire in the same bundle, with LOINC codes of its items");
            return;
        }

        if (_items.TryAdd(item, Read(answer)))
        {
            if (NumericValueReader.IsKeyed(answer.Value))
            {
                _keyed.Add(item - 1);
            }

            reading.MapPointer($"#/measures/{measure}/items/{item - 1}", answer.Place);
            return;
        }

        reading.AddError(answer.Place, FhirErrorCodes.RepeatedItem, $"answers item {item} a second time");
    }

    private void AddTotal(FormAnswer answer)
    {
        if (TotalPath is not null)
        {
            reading.AddError(answer.Place, FhirErrorCodes.RepeatedItem, "is a second total");
            return;
        }

        (Total, Aggregation, TotalPath) = (Read(answer, isTotal: true), NumericValueReader.ReadAggregation(answer.Value), answer.Place);
    }

    private double? Read(FormAnswer answer, bool isTotal = false)
    {
        if (answer.SeveralAnswers is { } answers)
        {
            reading.AddError(answers, FhirErrorCodes.RepeatedItem, "holds more than one answer");
        }

        return answer.Value is null ? null
            : isTotal ? reading.ReadTotal(answer.Value, answer.ValuePlace, instrument, answer.WeightOf)
            : reading.ReadNumber(answer.Value, answer.ValuePlace, answer.WeightOf);
    }

    private bool IsTotal(FormAnswer answer) => !answer.IsOfOtherForm && answer.Names.Any(name => !TransformedScorePattern().IsMatch(name)
        && (instrument.Codings.Any(c => c.Code == name && c.Scale == Instrument.Total) || TotalNamePattern().IsMatch(name)
            || (instrument.Scales.Count == 1 && ScoreNamePattern().IsMatch(name))));

    [GeneratedRegex(@"(^|[-_./])(sum|sum[-_ ]?score|score)\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ScoreNamePattern();

    [GeneratedRegex(@"(^|[-_./])total([-_ ]?score)?\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TotalNamePattern();

    // Standard scores, which are no sum or mean of items.
    [GeneratedRegex(@"(^|[-_./ ])[tz][-_. ]?score\z", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TransformedScorePattern();
}
