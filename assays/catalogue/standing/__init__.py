"""What a laboratory stands on: equipment and calibrations, validations, accreditation, competence."""
