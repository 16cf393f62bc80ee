using System.Globalization;

using Hl7.Fhir.Model;

using RealRelationshipApi.Fhir.Parsing.Forms;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;

namespace RealRelationshipApi.Fhir.Parsing;

/// <summary>Reads numbers from values and answers.</summary>
internal static class NumericValueReader
{
    private const string DataAbsentReason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

    private static readonly string[] s_scoreExtensions =
    [
        "http://hl7.org/fhir/StructureDefinition/ordinalValue", "http://hl7.org/fhir/StructureDefinition/itemWeight",
        "http://hl7.org/fhir/StructureDefinition/iso21090-CO-value",
    ];

    // Units that say that a number has none; the first three are of UCUM.
    private static readonly string[] s_scoreUnits = ["1", "[score]", "{score}", "score", "scores", "points", "pts", "pts."];

    /// <summary>Returns the number, or adds an error and returns null.</summary>
    /// <param name="reading">The resource.</param>
    /// <param name="value">The value.</param>
    /// <param name="place">Its FHIRPath.</param>
    /// <param name="weightOf">The score of a coding that the questionnaire defines; null if it is not known.</param>
    public static double? ReadNumber(this ResourceReading reading, DataType? value, string place, Func<Coding, double?>? weightOf = null)
    {
        if (value?.Extension.Exists(e => e.Url == DataAbsentReason) == true)
        {
            reading.AddError(place, FhirErrorCodes.NoScore, "says that it is absent (extension data-absent-reason): leave it out");
            return null;
        }

        switch (value)
        {
            case Integer { Value: { } whole }:
                return whole;
            case FhirDecimal { Value: { } number }:
                return (double)number;
            case Quantity quantity:
                return ReadQuantity(reading, quantity, place);
            case Coding coding when (ReadOrdinalValue(coding) ?? weightOf?.Invoke(coding)) is { } score:
                return score;
            case CodeableConcept concept
                when concept.Coding.Select(c => ReadOrdinalValue(c) ?? weightOf?.Invoke(c)).FirstOrDefault(s => s is not null) is { } score:
                return score;
            case FhirString { Value: { } text } when ParseNumber(text) is { } parsed:
                return parsed;
            // PersonalDataScanner rejects free text.
            case FhirString or Markdown:
                return null;
            default:
                reading.AddError(place, FhirErrorCodes.NoScore,
                    "gives no number: use valueInteger, valueDecimal, valueQuantity, or a coding with its score (extension ordinalValue or itemWeight)");
                return null;
        }
    }

    /// <summary>Returns a total, or adds an error and returns null. An answer to an item is no total, unless the form is a single item.</summary>
    /// <inheritdoc cref="ReadNumber"/>
    public static double? ReadTotal(this ResourceReading reading, DataType value, string place, Instrument instrument, Func<Coding, double?>? weightOf = null)
    {
        if (!IsKeyed(value) || instrument.Items?.Count == 1)
        {
            return reading.ReadNumber(value, place, weightOf);
        }

        reading.AddError(place, FhirErrorCodes.NoScore,
            $"is a code, such as an answer to an item or a category has, and no score of {instrument.Code}: use valueQuantity, valueInteger or valueDecimal");
        return null;
    }

    /// <summary>A number in a text, with a point before decimals, as some systems send totals; null for any other text.</summary>
    public static double? ParseNumber(string text) => text.Length <= 8
        && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The number that an answer to an unscored question is or has as its code; null if there is none.</summary>
    public static double? ReadPlainNumber(DataType? value) => value switch
    {
        Integer whole => whole.Value,
        FhirDecimal number => (double?)number.Value,
        FhirString { Value: { } text } => ParseNumber(text),
        Coding { Code: { } code } => ParseNumber(code),
        _ => null,
    };

    /// <summary>Whether a value is a number by its type, or a text that is one.</summary>
    public static bool IsNumber(DataType? value) =>
        value is Integer or FhirDecimal or Quantity || (value is FhirString { Value: { } text } && ParseNumber(text) is not null);

    /// <summary>Whether an answer is a coding with its score: then it is never reversed.</summary>
    public static bool IsKeyed(DataType? value) => value is Coding or CodeableConcept;

    /// <summary>The aggregation given by the unit: its name in braces, such as <c>{sum}</c>, <c>{mean}</c> or <c>{meanTimesTen}</c>; null for any other
    /// unit.</summary>
    public static ScoreAggregation? ReadAggregation(DataType? value) =>
        value is Quantity { Code: ['{', .. var name, '}'] } && EnumNames<ScoreAggregation>.TryParse(name, out var aggregation) ? aggregation : null;

    private static double? ReadQuantity(ResourceReading reading, Quantity quantity, string place)
    {
        if (quantity.Comparator is not null)
        {
            reading.AddError($"{place}.comparator", FhirErrorCodes.Comparator, "is not taken: a score is a number, not a bound");
        }

        if (quantity.Code is { } code && !s_scoreUnits.Contains(code, StringComparer.OrdinalIgnoreCase) && !(code.StartsWith('{') && code.EndsWith('}')))
        {
            reading.AddError($"{place}.code", FhirErrorCodes.WrongUnit,
                "must be {score} or 1, or how the score is computed, such as {sum}, {mean} or {meanTimesTen}: a score has no unit of measure");
        }

        if (quantity.Value is null)
        {
            reading.AddError($"{place}.value", FhirErrorCodes.NoScore, "is missing");
        }

        return (double?)quantity.Value;
    }

    // An answer of LOINC is known by its code alone: no other system has such codes.
    private static double? ReadOrdinalValue(Coding coding) => OrdinalValueOf(coding)
        ?? (coding is { System: null or FhirConstants.LoincCodeSystem, Code: { } answer } ? FormQuestions.AnswerScore(answer) : null);

    /// <summary>The score in an extension; null if there is none.</summary>
    public static double? OrdinalValueOf(IExtendable element)
    {
        foreach (var extension in element.Extension.Where(e => s_scoreExtensions.Contains(e.Url)))
        {
            switch (extension.Value)
            {
                case FhirDecimal { Value: { } number }:
                    return (double)number;
                case Integer { Value: { } whole }:
                    return whole;
            }
        }

        return null;
    }
}
