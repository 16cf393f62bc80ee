using Hl7.Fhir.Model;

using RealRelationshipApi.Sessions;

namespace RealRelationshipApi.Fhir;

/// <summary>Which statuses are taken, and as what; why the others are not.</summary>
internal static class FhirStatus
{
    private const string NotYet = "is refused: only what is finished is taken. Send it again, as final or completed, when it is";
    private const string NotAtAll = "is refused: nothing was finished that could be analysed. entered-in-error takes back what was sent before";

    public static (MeasureStatus? Status, string? Refusal) Of(ObservationStatus? status) => status switch
    {
        ObservationStatus.Final => (MeasureStatus.Final, null),
        ObservationStatus.Amended => (MeasureStatus.Amended, null),
        ObservationStatus.Corrected => (MeasureStatus.Corrected, null),
        ObservationStatus.EnteredInError => (MeasureStatus.EnteredInError, null),
        ObservationStatus.Registered or ObservationStatus.Preliminary => (null, NotYet),
        _ => (null, NotAtAll),
    };

    public static (MeasureStatus? Status, string? Refusal) Of(QuestionnaireResponse.QuestionnaireResponseStatus? status) => status switch
    {
        QuestionnaireResponse.QuestionnaireResponseStatus.Completed => (MeasureStatus.Final, null),
        QuestionnaireResponse.QuestionnaireResponseStatus.Amended => (MeasureStatus.Amended, null),
        QuestionnaireResponse.QuestionnaireResponseStatus.EnteredInError => (MeasureStatus.EnteredInError, null),
        QuestionnaireResponse.QuestionnaireResponseStatus.InProgress => (null, NotYet),
        _ => (null, NotAtAll),
    };
}
