using Hl7.Fhir.Model;

using RealRelationshipApi.Http;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir;

/// <summary>Reads a QuestionnaireResponse: the items of one form, its total, or both.</summary>
internal static class ResponseReader
{
    /// <summary>The measure as a session of its own.</summary>
    public static SessionRequest Read(Reading reading, QuestionnaireResponse response)
    {
        var at = reading.At;
        var status = FhirStatus.Of(response.Status);
        var sourceSystem = reading.SourceSystem(response, response.Identifier, $"{at}.identifier");
        var measure = new MeasureRequest { SourceId = Identity(reading, response, sourceSystem), Version = reading.Version(response, status), Status = status };
        return status == MeasureStatus.EnteredInError
            ? new() { SourceSystem = sourceSystem, Measures = [measure] }
            : Scored(reading, response, sourceSystem, measure);
    }

    private static SessionRequest Scored(Reading reading, QuestionnaireResponse response, string sourceSystem, MeasureRequest measure)
    {
        var at = reading.At;
        var items = Leaves(response.Item, $"{at}.item").ToList();
        var instrument = reading.OfResponse(response.Questionnaire, items.Select(i => NameOf(i.Item)), $"{at}.questionnaire");
        var scored = instrument is null ? null : new Scored(instrument, Instrument.Total);
        (ResourceReference?, string)[] raters = [(response.Source, $"{at}.source"), (response.Author, $"{at}.author")];
        var roles = reading.Roles(response, response.Subject, response.Encounter, [.. raters.Where(r => r.Item1 is not null).Select(r => (r.Item1!, r.Item2))], scored);
        reading.Stands("#/measures/0/instrument", $"{at}.questionnaire");
        reading.Stands("#/measures/0/items", $"{at}.item");
        var sheet = instrument is null ? null : Fill(reading, new ItemSheet(reading, instrument), items);
        reading.Stands("#/measures/0/score", sheet?.TotalPlace ?? $"{at}.item");
        reading.Stands("#/measures/0/aggregation", sheet?.TotalPlace ?? $"{at}.item");
        return new()
        {
            SourceSystem = sourceSystem, Patient = roles.Patient, Therapist = roles.Therapist, Episode = roles.Episode, Session = roles.Session, SessionNumber = roles.SessionNumber,
            OccurredAt = reading.Instant(response.Authored, $"{at}.authored"),
            Measures =
            [
                measure with
                {
                    Instrument = instrument?.Code, Rater = roles.Rater, Items = sheet?.Items, Score = sheet?.Total,
                    Administration = response.Id is { } id ? new($"QuestionnaireResponse/{id}", IsCopy: false) : null,
                },
            ],
        };
    }

    private static ItemSheet Fill(Reading reading, ItemSheet sheet, List<(QuestionnaireResponse.ItemComponent Item, string Place)> items)
    {
        foreach (var (item, place) in items)
        {
            if (item.Answer.Count > 1)
            {
                reading.Refuse($"{place}.answer", FhirFaults.RepeatedItem, "holds more than one answer");
            }

            sheet.Take([NameOf(item)], reading.Number(item.Answer[0].Value, $"{place}.answer[0].value"), place);
        }

        return sheet;
    }

    private static string Identity(Reading reading, QuestionnaireResponse response, string sourceSystem)
    {
        reading.Stands("#/measures/0/sourceId", response.Identifier?.Value is null ? $"{reading.At}.id" : $"{reading.At}.identifier.value");
        if (Naming.SourceId(response, response.Identifier, sourceSystem) is { } key)
        {
            return key;
        }

        reading.Refuse($"{reading.At}.identifier", FaultCodes.Required, "is required, or an id: by it the same response is known again");
        return "";
    }

    // Groups hold items, and so do answers; what was left blank has no answer.
    private static IEnumerable<(QuestionnaireResponse.ItemComponent Item, string Place)> Leaves(IEnumerable<QuestionnaireResponse.ItemComponent> items, string place)
    {
        foreach (var (i, item) in items.Index())
        {
            if (item.Answer.Count > 0)
            {
                yield return (item, $"{place}[{i}]");
            }

            var inner = Leaves(item.Item, $"{place}[{i}].item").Concat(item.Answer.Index().SelectMany(a => Leaves(a.Item.Item, $"{place}[{i}].answer[{a.Index}].item")));
            foreach (var leaf in inner)
            {
                yield return leaf;
            }
        }
    }

    // LHC-Forms writes /panel/code.
    private static string NameOf(QuestionnaireResponse.ItemComponent item) => (item.LinkId ?? "").Split('/')[^1];
}
